"""Which Chromium to use, and with which switches; found, never assumed."""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import playwright

from agent.errors import ConfigError

Kind = Literal["headless_shell", "chromium", "chrome", "edge", "playwright"]

_CHANNELS: dict[str, Kind] = {"chromium": "chromium", "chrome": "chrome", "msedge": "edge"}
_ON_PATH: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("headless_shell", ("chromium-headless-shell", "chrome-headless-shell", "headless_shell")),
    ("chromium", ("chromium", "chromium-browser")),
    ("chrome", ("google-chrome", "google-chrome-stable")),
    ("edge", ("microsoft-edge", "microsoft-edge-stable")),
)
_MAC_APPS: tuple[tuple[Kind, str], ...] = (
    ("chromium", "Chromium.app/Contents/MacOS/Chromium"),
    ("chrome", "Google Chrome.app/Contents/MacOS/Google Chrome"),
    ("edge", "Microsoft Edge.app/Contents/MacOS/Microsoft Edge"),
)
_WINDOWS_APPS: tuple[tuple[Kind, str], ...] = (
    ("chromium", "Chromium/Application/chrome.exe"),
    ("chrome", "Google/Chrome/Application/chrome.exe"),
    ("edge", "Microsoft/Edge/Application/msedge.exe"),
)
_HELP = (
    "no Chromium was found. On Debian and Ubuntu: apt-get install chromium chromium-headless-shell."
    " Anywhere: `playwright install chromium`, or install Google Chrome."
    " A browser in an unusual place is named in the settings by the path of its executable."
)


@dataclass(frozen=True, slots=True)
class FoundBrowser:
    """A browser on this machine; without executable and channel it is Playwright's own build."""

    executable: str | None
    channel: str | None
    kind: Kind


def find_browser(configured: str | None, channel: str | None, *, headed: bool) -> FoundBrowser:
    """Return the browser to use: the configured one, else Playwright's own, else one of the system's.

    Raises:
        ConfigError: the configured one is not there, or none is.
    """
    if configured:
        return _configured(configured)
    if channel:
        return FoundBrowser(None, channel, _CHANNELS.get(channel.partition("-")[0], "chromium"))
    if _playwright_has_its_own(headed=headed):
        return FoundBrowser(None, None, "playwright")
    for kind, path in _installed():
        if not (headed and kind == "headless_shell"):
            return FoundBrowser(str(path), None, kind)
    raise ConfigError([_HELP])


def launch_args(hosts: Sequence[str], *, wire_port: int | None = None, ws_port: int | None = None) -> list[str]:
    """Return the switches under which Chromium reaches ``hosts`` only, and sends nothing of its own accord.

    With a wire, only the wire looks names up, and web sockets go to ``ws_port``.
    """
    reachable = ["127.0.0.1"] if wire_port else [_resolver_pattern(host) for host in hosts]
    args = [
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-domain-reliability",
        "--no-pings",
        "--host-resolver-rules=" + ", ".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {host}" for host in reachable)]),
        "--disable-blink-features=FetchLaterAPI",  # it sends after its page has gone
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    ]
    if wire_port:
        socks = f"socks5://127.0.0.1:{wire_port}"
        # Chromium takes the last of the three, and only that, for web sockets.
        args += [f"--proxy-server=http={socks};https={socks};socks=socks5://127.0.0.1:{ws_port or wire_port}"]
        args += ["--proxy-bypass-list=<-loopback>"]
    if sys.platform != "win32" and os.geteuid() == 0:
        args.append("--no-sandbox")  # Chromium refuses to start as root with it
    return args


def _configured(path: str) -> FoundBrowser:
    found = shutil.which(os.path.expanduser(path))  # noqa: PTH111 - `which` wants text, and knows Windows' endings
    if found is None:
        raise ConfigError(
            [f"browser executable {path!r}: there is no such program. Name one, or leave the setting out"]
        )
    name = Path(found).name.lower()
    for kind, words in (("headless_shell", ("headless",)), ("edge", ("edge",)), ("chrome", ("chrome",))):
        if any(word in name for word in words):
            return FoundBrowser(found, None, kind)  # type: ignore[arg-type]
    return FoundBrowser(found, None, "chromium")


def _playwright_has_its_own(*, headed: bool) -> bool:
    """Return whether ``playwright install`` has been run; starting the driver to ask would take half a second."""
    prefix = "chromium-" if headed else "chromium_headless_shell-"
    return any(
        (folder / "INSTALLATION_COMPLETE").exists()
        for base in _playwright_folders()
        for folder in base.glob(f"{prefix}{_revision()}")
    )


def _revision() -> str:
    listed = Path(playwright.__file__).parent / "driver" / "package" / "browsers.json"
    browsers = json.loads(listed.read_text(encoding="utf-8"))["browsers"]
    return next(str(each["revision"]) for each in browsers if each["name"] == "chromium")


def _playwright_folders() -> Iterator[Path]:
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if named == "0":
        yield Path(playwright.__file__).parent / "driver" / "package" / ".local-browsers"
    elif named:
        yield Path(named)
    elif sys.platform == "win32":
        yield Path.home() / "AppData" / "Local" / "ms-playwright"
    elif sys.platform == "darwin":
        yield Path.home() / "Library" / "Caches" / "ms-playwright"
    else:
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ms-playwright"


def _installed() -> Iterator[tuple[Kind, Path]]:
    for kind, names in _ON_PATH:
        for name in names:
            if found := shutil.which(name):
                yield kind, Path(found)
    yield from ((kind, path) for kind, path in _usual_places(sys.platform) if path.is_file())


def _usual_places(platform: str) -> Iterator[tuple[Kind, Path]]:
    if platform == "darwin":
        for kind, app in _MAC_APPS:
            for folder in (Path("/Applications"), Path.home() / "Applications"):
                yield kind, folder / app
    if platform == "win32":
        for kind, app in _WINDOWS_APPS:
            for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
                if named := os.environ.get(variable):
                    yield kind, Path(named) / app


def _resolver_pattern(host: str) -> str:
    """Return a host without its port, as Chromium's resolver rules want it."""
    return host if host.startswith("[") or host.count(":") > 1 else host.partition(":")[0]
