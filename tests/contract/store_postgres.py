"""A PostgreSQL server for the tests: the one that the environment names, or a private one from Debian's binaries."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

VARIABLE = "CLOSEWRIGHT_TEST_POSTGRES"


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Yield the URL of a database whose user may create others; a private server is stopped afterwards."""
    given = os.environ.get(VARIABLE)
    if given:
        yield given
    else:
        with _private_server() as url:
            yield url


@contextlib.contextmanager
def _private_server() -> Iterator[str]:
    binaries = _binaries()
    # Not below pytest's folder: the path of a Unix socket may have no more than about a hundred characters.
    home = Path(tempfile.mkdtemp(prefix="cw-pg-"))
    user = _server_user()
    if user is not None:
        shutil.chown(home, user)
    data = home / "data"

    def call(*command: str | Path) -> None:
        subprocess.run(  # noqa: S603
            command, check=True, cwd=home, user=user, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )

    call(binaries / "initdb", "--no-sync", "-U", "tester", "-A", "trust", "-E", "UTF8", "-D", data)
    options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off -c max_connections=60"
    pg_ctl = binaries / "pg_ctl"
    call(pg_ctl, "start", "-w", "-D", data, "-l", home / "log", "-o", options)  # -w: returns when it answers
    try:
        yield f"postgresql://tester@/postgres?host={home}"
    finally:
        call(pg_ctl, "stop", "-m", "immediate", "-D", data)  # the process named in its own pid file
        shutil.rmtree(home)


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path is not None:
        return Path(on_path).parent
    pytest.fail(f"the contract needs PostgreSQL: install Debian's postgresql package, or set {VARIABLE} to a URL")


def _server_user() -> str | None:
    return "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
