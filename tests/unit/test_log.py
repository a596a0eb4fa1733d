"""The log: whatever is logged, nothing secret and nothing that steers a terminal is written."""

import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import Progress

from agent.domain.reasons import Reason
from agent.errors import ConfigError
from agent.log import _secrets, log, register_secret, set_up

PHONE = re.compile(r"1[3-9][0-9]{9}")


def cut(text: str) -> str:
    """Take mobile numbers out, as the product's own rule does."""
    return PHONE.sub("***", text)


@pytest.fixture
def lines() -> list[str]:
    shown: list[str] = []
    set_up(verbose=9, log_file=None, cut=cut, console=shown.append)
    return shown


@pytest.fixture(autouse=True)
def clean_log() -> Iterator[None]:
    yield
    log.remove()
    _secrets.clear()


def logged(emit: Callable[[], None]) -> str:
    """Return what one event writes: for hypothesis, which may not share a fixture's list."""
    shown: list[str] = []
    set_up(verbose=9, log_file=None, cut=cut, console=shown.append)
    emit()
    (line,) = shown
    return line


def after_time(line: str) -> str:
    """Return a line without its time."""
    time, _, rest = line.partition(" ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", time)
    return rest


def test_a_line_has_time_level_action_message_and_fields(lines: list[str]) -> None:
    log.bind(action="case.closed", order_id="123456789012345678", why="a b", n=3, reason=Reason.ABUSE).info("done 好")
    assert after_time(lines[0]) == (
        'INFO     case.closed done 好 order_id=123456789012345678 why="a b" n=3 reason=abuse'
    )


def test_a_line_without_an_action_still_has_its_place(lines: list[str]) -> None:
    log.info("x")
    assert after_time(lines[0]) == "INFO     - x"


def test_structured_fields_are_json(lines: list[str]) -> None:
    log.bind(action="a", data={"k": ["v", 1, None, True]}).info("x")
    assert after_time(lines[0]) == 'INFO     a x data={"k": ["v", "1", null, true]}'


@pytest.mark.parametrize(("verbose", "shown"), [(-1, "W"), (0, "W"), (1, "IW"), (2, "DIW"), (3, "TDIW"), (9, "TDIW")])
def test_more_verbose_shows_more(verbose: int, shown: str) -> None:
    lines: list[str] = []
    set_up(verbose=verbose, log_file=None, cut=cut, console=lines.append)
    log.trace("T")
    log.debug("D")
    log.info("I")
    log.warning("W")
    assert "".join(line[-1] for line in lines) == shown


def test_the_file_has_all_but_traces_however_quiet_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "new" / "agent.log"
    lines: list[str] = []
    for word in ("first", "second"):  # appended to, by the second set-up
        set_up(verbose=0, log_file=file, cut=cut, console=lines.append)
        log.trace("T")
        log.bind(action="a", name="值").debug(word)
    log.remove()
    assert [after_time(line) for line in file.read_text(encoding="utf-8").splitlines()] == [
        "DEBUG    a first name=值",
        "DEBUG    a second name=值",
    ]
    assert lines == []


def test_a_later_set_up_replaces_the_earlier(lines: list[str]) -> None:
    others: list[str] = []
    set_up(verbose=9, log_file=None, cut=cut, console=others.append)
    log.info("x")
    assert (len(lines), len(others)) == (0, 1)


def test_a_log_file_that_cannot_be_is_a_config_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match=r"cannot be written \(.*\): name another"):
        set_up(verbose=0, log_file=tmp_path / "file" / "agent.log", cut=cut)


# --- Data is only data


@given(st.text())
def test_braces_and_markup_in_data_are_kept_as_they_are(text: str) -> None:
    data = "{} {0} {x!r} {extra[action]} <red> [bold] %s " + text
    line = logged(lambda: log.bind(action="a", field=data).info(data))
    assert "INFO     a {} {0} {x!r} {extra[action]} <red> [bold] %s " in line
    assert 'field="{} {0} {x!r} {extra[action]} <red> [bold] %s ' in line


@given(st.text(st.characters(), max_size=30), st.text(st.characters(), max_size=30))
def test_no_text_steers_the_terminal_turns_the_line_or_begins_another(message: str, value: str) -> None:
    line = logged(
        lambda: log.bind(action=value, **{value: {value: [value, value.encode(errors="replace")]}}).info(message)
    )
    assert not [
        c
        for c in line
        if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}
        or unicodedata.bidirectional(c) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    ]
    line.encode()


def test_escapes_are_shown_by_their_code(lines: list[str]) -> None:
    log.bind(action="a", name="x\x1b[31m").info("one\ntwo\r\u202ethree\ud800")
    assert after_time(lines[0]) == (r'INFO     a one\x0atwo\x0d\u202ethree\ud800 name="x\u001b[31m"')


# --- Secrets and private data


# Not such as stand in every line: its time, its level, the mark itself.
_telling = st.text(st.characters(), min_size=4, max_size=20).filter(
    lambda text: not re.fullmatch(r"[\w:.+\[\] -]+", text, re.ASCII)
)


@given(_telling)
def test_a_registered_secret_is_written_nowhere_in_any_spelling(secret: str) -> None:
    register_secret(secret)
    try:
        line = logged(
            lambda: log.bind(action="a", own=secret, inside={"k": [secret]}, raw=secret.encode(errors="replace")).info(
                f"message {secret} {secret!r} {json.dumps(secret)}"
            )
        )
    finally:
        _secrets.clear()
    assert secret not in line
    assert repr(secret)[1:-1] not in line
    assert line.count("[hidden]") >= 5


def fail(message: str) -> None:
    """Fail with a message of data."""
    raise ValueError(message)


def test_private_data_is_cut_from_message_fields_and_exceptions(lines: list[str]) -> None:
    register_secret("hunter2")
    try:
        fail("call 13812345678\nwith hunter2\x1b[0m")
    except ValueError:
        log.bind(action="a", n=13812345678, d={"13812345678": "13812345678"}).exception("call 13812345678")
    text = lines[0]
    assert "13812345678" not in text
    assert "hunter2" not in text
    first, *rest = text.split("\n")
    assert after_time(first) == 'ERROR    a call *** n="***" d={"***": "***"}'
    assert rest[0] == "  Traceback (most recent call last):"
    assert rest[-2:] == ["  ValueError: call ***", r"  with [hidden]\x1b[0m"]


def sign_in(password: str) -> None:
    """Fail with a secret among the local variables."""
    raise ValueError(f"refused after {len(password)} letters")


def test_values_of_variables_are_not_in_a_traceback(lines: list[str]) -> None:
    password = "letmein"
    try:
        sign_in(password)
    except ValueError:
        log.exception("failed")
    assert "sign_in(password)" in lines[0]
    assert "letmein" not in lines[0]


def test_a_private_value_that_shows_only_beside_its_name_is_cut() -> None:
    shown: list[str] = []
    set_up(verbose=1, log_file=None, cut=lambda text: re.sub("phone=[0-9]+", "phone=***", text), console=shown.append)
    log.bind(action="a", phone=5).info("x")
    assert after_time(shown[0]) == "INFO     a x phone=***"


def test_the_time_of_a_line_is_never_cut() -> None:
    shown: list[str] = []
    set_up(verbose=1, log_file=None, cut=lambda text: re.sub("[0-9]", "*", text), console=shown.append)
    log.info("5")
    assert after_time(shown[0]) == "INFO     - *"


def test_the_longer_of_two_secrets_is_hidden_whole(lines: list[str]) -> None:
    register_secret("pass")
    register_secret("passport")
    log.info("passport")
    assert after_time(lines[0]) == "INFO     - [hidden]"


def test_a_secret_of_three_characters_is_not_hidden_for_it_would_tear_up_words(lines: list[str]) -> None:
    register_secret("ord")
    log.info("order")
    assert after_time(lines[0]) == "INFO     - order"


# --- Terminals


def test_lines_stand_whole_above_a_progress_bar() -> None:
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, width=40, color_system=None, legacy_windows=False)
    with Progress(console=console, auto_refresh=False) as progress:
        task = progress.add_task("orders", total=2)
        set_up(
            verbose=1,
            log_file=None,
            cut=cut,
            console=lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True, emoji=False),
        )
        log.bind(action="a", long="x" * 60).info("[red]{}:smile:")
        progress.advance(task)
        progress.refresh()
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "\n", terminal.getvalue()).replace("\r", "\n").split("\n")
    assert any(line.endswith(f"a [red]{{}}:smile: long={'x' * 60}") for line in plain)


def test_stderr_is_utf_8_whatever_the_system_says_and_stdout_stays_empty() -> None:
    code = (
        "from agent.log import log, set_up\n"
        "set_up(verbose=0, log_file=None, cut=str)\n"
        "log.bind(action='a', name='买家').warning('关闭 ✓')\n"
    )
    variables = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=variables)  # noqa: S603
    assert done.stdout == b""
    assert after_time(done.stderr.decode().rstrip()) == "WARNING  a 关闭 ✓ name=买家"
