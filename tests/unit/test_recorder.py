"""What goes on at once while evidence is taken."""

import asyncio
import gc
from typing import Any

import pytest

from agent.engine.recorder import _both


async def _after(turns: int, end: str | Exception, ended: list[object]) -> str:
    for _ in range(turns):
        await asyncio.sleep(0)
    ended.append(end)
    if isinstance(end, Exception):
        raise end
    return end


@pytest.mark.parametrize(("first", "second"), [(1, 3), (3, 1)])
def test_two_things_that_both_fail_are_both_waited_for_and_told_once(first: int, second: int) -> None:
    told: list[dict[str, Any]] = []
    ended: list[object] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, said: told.append(said))
        with pytest.raises(ValueError, match="one"):
            await _both(_after(first, ValueError("one"), ended), _after(second, OSError("other"), ended))
        gc.collect()  # an exception that nobody has fetched is told when its task goes

    asyncio.run(run())
    gc.collect()
    assert told == []
    assert len(ended) == 2


def test_one_that_fails_is_raised_and_both_that_do_not_are_returned() -> None:
    ended: list[object] = []
    assert asyncio.run(_both(_after(2, "a", ended), _after(1, "b", ended))) == ("a", "b")
    with pytest.raises(OSError, match="other"):
        asyncio.run(_both(_after(1, "a", ended), _after(2, OSError("other"), ended)))
