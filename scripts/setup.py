"""Makes ``.venv`` in the project's root with everything pinned, and finds or gets a browser: what every script needs.

Runs on the standard library alone, on any system: ``python scripts/setup.py [demo|dev]``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "microsoft-edge", "msedge")
DEBIAN = ("chromium", "chromium-headless-shell", "fonts-noto-cjk")
OLDEST = (3, 11)


def main() -> int:
    """Set up for ``demo`` (the product) or ``dev`` (the product and its tests)."""
    what = sys.argv[1] if len(sys.argv) > 1 else "dev"
    if sys.version_info < OLDEST:
        return say(f"closewright needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}")
    pins = ROOT / "requirements" / ("app.txt" if what == "demo" else "dev.txt")
    install(pins)
    browser()
    return 0


def say(text: str) -> int:
    """Print a line for a person and return the exit code of a failed set-up."""
    print(text, file=sys.stderr)
    return 2


def install(pins: Path) -> None:
    """Install the pinned packages and the project, once for each state of the pins."""
    stamp = VENV / f".{pins.stem}.stamp"
    wanted = hashlib.sha256(pins.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        print(f"making {VENV}", file=sys.stderr)
        venv.EnvBuilder(with_pip=True).create(VENV)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--compile"]
    # Compiled once here, whatever the environment says: else each start of a command compiles all libraries anew.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([*pip, "--require-hashes", "-r", str(pins)], check=True, env=env)
    subprocess.run([*pip, "--no-deps", "--editable", str(ROOT)], check=True, env=env)
    stamp.write_text(wanted)


def browser() -> None:
    """Make sure that there is a Chromium: what is installed, else Debian's packages, else Playwright's own."""
    ask = "from agent.browser.find import find_browser; find_browser(None, None, headed=False)"
    if subprocess.run([str(PYTHON), "-c", ask], check=False, capture_output=True, cwd=ROOT).returncode == 0:
        return
    print("no Chromium found; trying to get one", file=sys.stderr)
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN], check=False)
    else:
        subprocess.run([str(PYTHON), "-m", "playwright", "install", "chromium"], check=False)
    if subprocess.run([str(PYTHON), "-c", ask], check=False, cwd=ROOT).returncode != 0:
        raise SystemExit(say("still no Chromium: install Chrome, Edge or Chromium, or name one in closewright.toml"))


if __name__ == "__main__":
    raise SystemExit(main())
