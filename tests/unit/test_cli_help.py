"""The command line explains itself: quickly, in the same words as its page, and with exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest
from cli_shop import CliShop

from agent import __version__
from agent.cli.call import spoken_here
from agent.cli.options import Language

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("playwright", "sqlalchemy", "fastapi", "starlette", "pydantic_settings", "rich.console", "loguru", "jinja2")
COMMANDS = (
    *("run", "plan", "close", "resume", "cases", "show", "report", "evidence"),
    *("login", "doctor", "demo", "mock-portal", "portal"),
    *("answer", "cancel", "reopen", "approve", "reject", "stop", "start"),
)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CliShop:
    return CliShop(tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize("args", [["--help"], ["run", "--help"], ["demo", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    asked = (
        "import sys; from agent.__main__ import main; code = main(sys.argv[2:]);"
        " sys.stderr.write(','.join(n for n in sys.argv[1].split(',') if n in sys.modules)); sys.exit(code)"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", asked, ",".join(HEAVY), *args], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_every_command_of_the_contract_is_there(shop: CliShop) -> None:
    said = shop.run("--help")
    listed = [line.split()[0] for line in said.out.partition("Commands:")[2].splitlines() if line.startswith("  ")]
    assert set(COMMANDS) <= set(listed)
    for command in COMMANDS:
        assert shop.run(command, "--help").code == 0


def test_the_version_is_the_packages(shop: CliShop) -> None:
    assert shop.run("--version").out == f"closewright {__version__}\n"


@pytest.mark.parametrize("args", [["nonsense"], ["run"], ["run", "a.csv", "--shop", "demo", "--nonsense"], ["show"]])
def test_bad_usage_exits_2_and_says_so_on_stderr(shop: CliShop, args: list[str]) -> None:
    said = shop.run(*args)
    assert (said.code, said.out) == (2, "")
    assert "Error" in said.err


def test_the_page_shows_the_help_texts_as_they_are() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/docs_cli.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, Language.ZH),
        ({"LANG": "en_GB.UTF-8"}, Language.EN),
        ({"LC_ALL": "zh_TW", "LANG": "en_US"}, Language.ZH),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, Language.EN),
    ],
)
def test_the_locale_decides_what_is_spoken(environment: dict[str, str], language: Language) -> None:
    assert spoken_here(environment) is language
