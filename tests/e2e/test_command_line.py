"""The commands as an operator types them: a mixed batch, a crash in the middle of it, and going on."""

import csv
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from e2e_shop import Shop

OpenShop = Callable[..., Shop]
# Tickets stay with the platform: looked at again every second, they would be most of the work.
QUICK = {"promo": False, "render_ms": 20, "extra": 'waits = { settle = "1s", retry = "1s" }\nwait_s = 3'}
COMMAND = [sys.executable, "-m", "agent"]


def start(shop: Shop, *arguments: str) -> subprocess.Popen[str]:
    shop.config()
    return subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, *arguments],
        cwd=shop.folder,
        env=os.environ | {"PYTHONUTF8": "1", "CLOSEWRIGHT_LANGUAGE": "en"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=os.name != "nt",
    )


def command(shop: Shop, *arguments: str) -> tuple[int, Any, str]:
    process = start(shop, *arguments)
    out, err = process.communicate(timeout=280)
    return process.returncode, json.loads(out) if out.strip() else None, err


def batch(shop: Shop, n: int) -> list[dict[str, Any]]:
    """Return a mixture of orders: plain unpaid ones, and paid ones with each kind of button."""
    plain = {"frozen": False, "disputed": False, "refund_state": "", "stages": [], "partly_shipped": False}
    unpaid = shop.orders(state="waitbuyerpay", pay_state="1", **plain)[: n // 2]
    paid = shop.orders(state="waitsellersend", pay_state="2", **plain)[: n - n // 2]
    return unpaid + paid


def write_requests(shop: Shop, orders: Sequence[dict[str, Any]]) -> Path:
    path = shop.folder / "requests.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["订单号", "关闭原因", "买家同意", "备注"])
        writer.writerows(
            [order["order_id"], "买家取消订单", "是" if order["pay_state"] == "2" else "", ""] for order in orders
        )
    return path


def judge(shop: Shop, orders: Sequence[dict[str, Any]]) -> None:
    """Check by the ledger alone: everything asked for happened once, and nothing else happened."""
    asked = {order["order_id"]: order for order in orders}
    counted = Counter((entry["order_id"], entry["what"]) for entry in shop.ledger())
    assert {order_id for order_id, _ in counted} <= set(asked)
    assert all(times == 1 for times in counted.values()), [key for key, times in counted.items() if times > 1]
    for order_id, order in asked.items():
        by_ticket = order["pay_state"] == "2" and order["button"] == "none"
        assert counted[order_id, "ticket_filed" if by_ticket else "order_closed"] == 1, order_id


@pytest.mark.slow
def test_a_mixed_batch_ends_as_asked_and_prints_one_json_object(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, orders=100, **QUICK)
    orders = batch(shop, 10)
    file = write_requests(shop, orders)
    code, printed, err = command(shop, "run", str(file), "--shop", "demo", "--yes", "--json")
    assert code == 0, err
    judge(shop, orders)
    assert {case["order_id"] for case in printed["cases"]} == {order["order_id"] for order in orders}
    ledger = {entry["request_id"] for entry in shop.ledger()}
    done = [act["request_id"] for case in printed["cases"] for act in case["acts"] if act["result"] == "done"]
    assert done
    assert set(done) <= ledger
    again, _, _ = command(shop, "run", str(file), "--shop", "demo", "--yes", "--json")
    assert again == 0
    judge(shop, orders)
    verifying = start(shop, "evidence", "verify")
    assert "broken" not in verifying.communicate(timeout=60)[0]
    assert verifying.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
def test_after_kill_9_in_the_middle_resume_ends_every_order_and_doubles_nothing(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, orders=100, **QUICK)
    orders = batch(shop, 12)
    file = write_requests(shop, orders)
    kill_when(shop, start(shop, "run", str(file), "--shop", "demo", "--yes", "--lanes", "2"), entries=3)
    kill_when(shop, start(shop, "resume", "--shop", "demo"), entries=7)
    code, printed, err = command(shop, "resume", "--shop", "demo", "--json")
    assert code == 0, err
    judge(shop, orders)
    assert Counter(case["outcome"] or case["waiting_for"] for case in printed["cases"]).keys() <= {"closed", "platform"}


def kill_when(shop: Shop, process: subprocess.Popen[str], *, entries: int) -> None:
    """Kill a run, and its browser, as soon as the ledger has so many entries."""
    work_until(shop, process, entries=entries)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def work_until(shop: Shop, process: subprocess.Popen[str], *, entries: int) -> None:
    """Wait until the ledger has so many entries, or the run is over."""
    while len(shop.ledger()) < entries:
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        return


def test_bad_rows_are_all_named_before_anything_is_done(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    path = shop.folder / "bad.csv"
    path.write_text("order_id,reason\n1.23457E+18,unpaid_timeout\n123456789012345678,nonsense\n", encoding="utf-8")
    code, printed, err = command(shop, "run", str(path), "--shop", "demo", "--yes", "--json")
    assert (code, printed) == (2, None)
    assert "row 2" in err
    assert "row 3" in err
    assert shop.ledger() == []


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a console's Ctrl-C cannot be sent to one process on Windows")
def test_ctrl_c_finishes_the_pass_says_what_is_open_and_resume_goes_on(open_shop: OpenShop) -> None:
    shop = open_shop("classic", orders=100, **QUICK)
    orders = batch(shop, 8)
    process = start(shop, "run", str(write_requests(shop, orders)), "--shop", "demo", "--yes")
    work_until(shop, process, entries=2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    assert "resume" in err
    code, _, err = command(shop, "resume", "--shop", "demo", "--json")
    assert code == 0, err
    judge(shop, orders)
