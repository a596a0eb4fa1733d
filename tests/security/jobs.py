"""Processes that fight batches of mutated pages, each with a browser of its own and one portal for each skin."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from loguru import logger

from tests.e2e.e2e_shop import worker

from .arena import Arena, Fought, Mutated, arena

ORDERS = 1500  # of one portal: enough for some batches, then comes the next one


class Batch(NamedTuple):
    """Pages to be fought in one run on one skin."""

    skin: str
    pages: Sequence[Mutated]
    number: int = 0


class Result(NamedTuple):
    """What came of a batch: its fights and what reached a foreign host, or why it did not come to an end."""

    fights: list[Fought]
    came_abroad: list[str]
    broke: str = ""


class Arenas:
    """One portal for each skin; one whose orders are used up makes way for a new one."""

    def __init__(self, *, seed: int, lanes: int) -> None:
        self._seed = seed
        self._lanes = lanes
        self._arenas: dict[str, tuple[Arena, ExitStack]] = {}
        self._portals = 0

    def fight(self, batch: Batch) -> Result:
        """Have the skin's portal fight these."""
        try:
            here = self._arena(batch.skin, len(batch.pages))
            fights = here.fight(batch.pages)
        except Exception as fault:  # noqa: BLE001 - told in the table, which then holds no zero
            self._leave(batch.skin)
            return Result([], [], f"{batch.skin}: {type(fault).__name__}: {fault}")
        came, here.came_abroad[:] = list(here.came_abroad), []
        return Result(fights, came)

    def close(self) -> None:
        """Close every portal."""
        for skin in list(self._arenas):
            self._leave(skin)

    def _arena(self, skin: str, wanted: int) -> Arena:
        known = self._arenas.get(skin)
        if known is not None and known[0].left >= wanted:
            return known[0]
        self._leave(skin)
        self._portals += 1
        with ExitStack() as opening:
            folder = Path(opening.enter_context(TemporaryDirectory(prefix="closewright-attack-")))
            seed = self._seed * 1000 + self._portals
            made = opening.enter_context(arena(folder, skin, orders=ORDERS, seed=seed, lanes=self._lanes))
            self._arenas[skin] = made, opening.pop_all()
        return made

    def _leave(self, skin: str) -> None:
        known = self._arenas.pop(skin, None)
        if known is not None:
            known[1].close()


def fought(batches: Sequence[Batch], *, jobs: int, seed: int, lanes: int) -> Iterator[tuple[Batch, Result]]:
    """Have processes fight the batches; yield what came of each as soon as it is known."""
    context = get_context("spawn")
    todo = iter(batches)
    at_work: dict[Any, Batch] = {}
    with ExitStack() as stack:
        for place in range(min(jobs, len(batches))):
            ours, theirs = context.Pipe()
            process = context.Process(target=_job, args=(theirs, seed * 100 + place, lanes))
            process.start()
            theirs.close()
            stack.callback(process.join)
            stack.push(lambda kind, *_, process=process: process.terminate() if kind else None)
            stack.enter_context(ours)
            _next(ours, todo, at_work)
        while at_work:
            for ours in wait(list(at_work)):
                batch = at_work.pop(ours)
                try:
                    result: Result = ours.recv()  # type: ignore[union-attr]  # only our pipes are waited for
                except EOFError:
                    yield batch, Result([], [], f"{batch.skin}: the process died")
                    continue
                yield batch, result
                _next(ours, todo, at_work)


def _next(ours: Any, todo: Iterator[Batch], at_work: dict[Any, Batch]) -> None:
    batch = next(todo, None)
    ours.send(batch)
    if batch is not None:
        at_work[ours] = batch


def _job(pipe: Connection, seed: int, lanes: int) -> None:
    """Fight what comes until nothing does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us hears it too, and ends us
    logger.remove()  # thousands of refused requests
    os.environ["CLOSEWRIGHT_TEST_PASSWORD"] = "demo"
    with closing(worker()), closing(Arenas(seed=seed, lanes=lanes)) as arenas:
        while (batch := pipe.recv()) is not None:
            pipe.send(arenas.fight(batch))
