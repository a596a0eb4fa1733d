"""What waits at the wall when the agent dies never leaves."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from recording_server import RecordingServer

Run = Callable[..., object]

HERE = Path(__file__).parent


async def _holding(server: RecordingServer, options: str) -> asyncio.subprocess.Process:
    """Start an agent and return it once it holds a request."""
    agent = await asyncio.create_subprocess_exec(
        sys.executable,
        str(HERE / "holding_agent.py"),
        server.origin,
        options,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])])},
    )
    assert agent.stdout is not None
    assert (await asyncio.wait_for(agent.stdout.readline(), 20)).strip() == b"held"
    return agent


def _is_browser(process: psutil.Process) -> bool:
    """Return whether it is the browser itself: no shell script around it, none of its own helpers."""
    return "chrom" in Path(process.exe()).name and not any(each.startswith("--type=") for each in process.cmdline())


async def _gone(processes: list[psutil.Process]) -> None:
    """Wait until no process is left that could still send."""
    await asyncio.to_thread(psutil.wait_procs, processes, 15)
    assert not [each for each in processes if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize(
    ("victim", "options"),
    [("agent", ""), ("agent", "keepalive: true,"), ("driver", "keepalive: true,"), ("browser", "")],
)
def test_nothing_leaves_when_it_is_killed(run: Run, server: RecordingServer, victim: str, options: str) -> None:
    """Killed is the agent itself, Playwright's driver under it, or the browser."""

    async def work() -> None:
        agent = await _holding(server, options)
        family = psutil.Process(agent.pid).children(recursive=True)
        driver = next(each for each in family if "node" in each.name())
        browser = next(each for each in family if _is_browser(each))
        doomed = {"agent": agent.pid, "driver": driver.pid, "browser": browser.pid}[victim]
        os.kill(doomed, signal.SIGKILL)
        await asyncio.wait_for(agent.wait(), 20)
        await _gone(family)
        assert not server.at("/do/close")

    run(work())
