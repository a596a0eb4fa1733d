"""The truth API and the command line."""

import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.mock_portal.server import PortTakenError, start

from .visitor import Visitor


def test_a_reset_starts_over(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.tell("faults", faults=[{"name": "frozen", "rate": 0.5}])
    seller.tell("clock", advance_s=100_000)
    assert seller.act("message", order_id, content="在吗") == "SUCCESS"
    seller.tell("reset", seed=2, orders=30)
    assert len(seller.http.get("/_mock/orders").json()["orders"]) == 30
    assert seller.ledger() == []
    assert seller.http.get("/_mock/faults").json() == {"faults": []}
    assert seller.http.get(f"/_mock/orders/{order_id}").status_code == 404
    seller.tell("reset")
    assert seller.unpaid() == order_id


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("faults", {"faults": [{"name": "gremlins"}]}, "gremlins"),
        ("faults", {"faults": [{"name": "reset", "step": "never"}]}, "step"),
        ("faults", {"faults": [{"name": "answer_lost", "step": "list"}]}, "list"),
        ("faults", {"faults": [{"name": "reset", "colour": 1}]}, "colour"),
        ("faults", {"faults": [{"name": "slow_page", "args": {"sec": 1}}]}, "sec"),
        ("faults", {"faults": [{"name": "slow_page", "args": {"ms": "1"}}]}, "ms"),
        ("faults", {"faults": [{"name": "frozen", "orders": ["1"]}]}, "unknown order: 1"),
        ("faults", {"faults": [{"name": "frozen", "orders": [], "rate": 0.5}]}, "rate"),
        ("faults", {"weather": 1}, "weather"),
        ("actors", {"actors": [{"who": "buyer", "on": "start", "do": "dance"}]}, "dance"),
        ("actors", {"actors": [{"who": "buyer", "on": "sunrise", "do": "pay"}]}, "sunrise"),
        ("actors", {"actors": [{"who": "buyer", "on": "start", "do": "pay", "args": {"x": "1"}}]}, "x"),
        ("clock", {"advance_s": -1}, "advance_s"),
        ("reset", {"shop": 1}, "shop"),
    ],
)
def test_what_is_unknown_is_named(seller: Visitor, path: str, body: dict[str, object], named: str) -> None:
    answer = seller.http.post(f"/_mock/{path}", json=body)
    assert answer.status_code == 422
    assert named in answer.json()["error"]


def test_several_portals_live_in_one_process_and_a_taken_port_is_an_error() -> None:
    with start(orders=5) as one, start(orders=6) as other:
        assert one.url != other.url
        assert [len(portal.portal.shop.orders) for portal in (one, other)] == [5, 6]
        with pytest.raises(PortTakenError, match="taken"):
            start(port=one.portal.main_port)


def run(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fixtures.mock_portal", *args]
    root = Path(__file__).parents[2]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, cwd=root)  # noqa: S603 - our own module


def test_a_fault_file_with_something_unknown_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text('seed = 1\n[[faults]]\nname = "reset"\ncolour = "red"\n', "utf-8")
    done = run("--port", "0", "--faults", str(path))
    assert done.returncode == 2
    assert str(path) in done.stderr
    assert "colour" in done.stderr


def test_a_taken_port_ends_the_command_with_2(seller: Visitor) -> None:
    port = seller.portal.portal.main_port
    done = run("--port", str(port))
    assert done.returncode == 2
    assert str(port) in done.stderr
    assert done.stdout == ""


def test_the_command_prints_its_address_when_ready() -> None:
    command = [sys.executable, "-m", "fixtures.mock_portal", "--port", "0", "--orders", "5"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:  # noqa: S603 - our own module
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
    assert line.startswith("http://127.0.0.1:")


def test_a_large_shop_serves_its_pages_like_a_small_one() -> None:
    with start(orders=10_000) as portal:
        assert portal.portal.shop.counts()["all"] == 10_000
        assert len(portal.portal.shop.page("all", 9_990, 10)) == 10
