"""One batch in a process of its own, which tells its memory as it goes: ``python -m tests.bench.one_batch``."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

from loguru import logger

from agent.app import work
from agent.domain.cases import Outcome
from agent.engine.passes import PassEnd
from agent.engine.queue import StoredQueue
from agent.engine.shop_run import Mode

from .faults import BenchFault
from .load import memory_now
from .product import SHOP, open_app, requests_for


def main() -> None:
    """Work the orders named on standard input as one batch; print one line of JSON per ``--every`` orders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--skin", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--lanes", type=int, required=True)
    parser.add_argument("--every", type=int, required=True)
    args = parser.parse_args()
    logger.remove()
    asyncio.run(_batch(args, sys.stdin.read().split()))


async def _batch(args: argparse.Namespace, orders: list[str]) -> None:
    done = 0

    def on_pass(end: PassEnd) -> None:
        nonlocal done
        if end.case.outcome is not Outcome.CLOSED:
            raise BenchFault(f"order {end.case.order_id} ended as {end.case.state}: {end.case.why}")
        done += 1
        if done % args.every == 0:
            sys.stdout.write(json.dumps({"order": done, **asdict(memory_now())}) + "\n")
            sys.stdout.flush()

    app = open_app(args.url, args.skin, args.folder)
    try:
        app.admit(SHOP, requests_for(orders))
        with app.hold(SHOP), app.recorded_run(SHOP, "run") as recorded:
            run = app.shop_run(SHOP, run_id=recorded.run_id, mode=Mode.LIVE)
            queue = StoredQueue(app.db, SHOP, None)
            await work(app, run, queue=queue, lanes=args.lanes, wait_s=0, on_pass=on_pass)
    finally:
        app.close()


if __name__ == "__main__":
    main()
