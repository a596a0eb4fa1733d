"""What was done is shown to people and to scripts: cases, show, report, evidence."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_shop import CliShop, ended, leave, order, release, settle, waiting

from agent.app import system_clock
from agent.domain.acts import IntentResult
from agent.domain.cases import Case, CloseRequest, Outcome, WaitingFor
from agent.domain.reasons import Reason
from agent.store import breakers, runs
from agent.summary import report_cases

KEYS = [
    *("case_id", "shop", "order_id", "path", "state", "outcome", "waiting_for", "why", "by", "amount", "evidence"),
    *("acts", "aftercare"),
]
ACT_KEYS = ["act", "purpose", "at", "intent", "result", "request_id"]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CliShop:
    return CliShop(tmp_path, monkeypatch, capsys)


def closed_case(shop: CliShop, n: int = 1) -> Case:
    """Make a case that one proved act has closed."""
    case = shop.case(n)
    app = shop.open()
    try:
        settle(app, release(app, case), IntentResult.DONE, "req-1")
        return leave(app, case.case_id, **ended(Outcome.CLOSED), by="us")
    finally:
        app.close()


def test_json_is_one_object_in_the_shape_of_the_contract(shop: CliShop) -> None:
    case = closed_case(shop)
    shop.case(2, **waiting(WaitingFor.CONSENT))
    said = shop.run("cases", "--json")
    assert said.code == 0
    assert said.out.count("\n") == 1
    assert said.data["counts"] == {"closed": 1, "waiting:consent": 1}
    first, second = said.data["cases"]
    assert list(first) == KEYS
    assert (first["case_id"], first["order_id"], first["outcome"]) == (case.case_id, order(1), "closed")
    assert (first["amount"], first["by"], first["waiting_for"]) == ("123.50", "us", None)
    [act] = first["acts"]
    assert list(act) == ACT_KEYS
    assert (act["act"], act["purpose"], act["result"], act["request_id"]) == ("close", "close", "done", "req-1")
    assert Path(first["evidence"]).is_file()
    assert (second["state"], second["waiting_for"], second["outcome"]) == ("waiting", "consent", None)


def test_an_act_that_is_not_settled_shows_as_open(shop: CliShop) -> None:
    case = shop.case(1, **waiting(WaitingFor.HUMAN))
    app = shop.open()
    try:
        release(app, case)
    finally:
        app.close()
    said = shop.run("show", case.case_id, "--json")
    assert said.code == 1
    assert said.data["cases"][0]["acts"][0]["result"] == "open"
    assert f"closewright answer {case.case_id} not-done" in shop.run("show", case.case_id).out


def test_cases_are_chosen_by_what_they_wait_for_and_whether_they_are_open(shop: CliShop) -> None:
    shop.case(1, **ended(Outcome.CLOSED))
    shop.case(2, **waiting(WaitingFor.CONSENT))
    shop.case(3, shop="other", **waiting(WaitingFor.REFUND))

    def listed(*args: str) -> list[str]:
        return [case["order_id"] for case in shop.run("cases", "--json", *args).data["cases"]]

    assert listed() == [order(1), order(2), order(3)]
    assert listed("--open") == [order(2), order(3)]
    assert listed("--waiting", "refund") == [order(3)]
    assert listed("--shop", "demo") == [order(1), order(2)]


def test_the_table_speaks_the_operators_language(shop: CliShop) -> None:
    shop.case(1, **waiting(WaitingFor.CONSENT))
    assert "waiting: consent" in shop.run("cases").out
    assert "等待买家同意" in shop.run("--language", "zh", "cases").out


def test_a_case_is_found_by_its_order_too(shop: CliShop) -> None:
    case = shop.case(1, **ended(Outcome.CLOSED))
    said = shop.run("show", order(1))
    assert said.code == 0
    assert case.case_id in said.out
    assert "out of stock" in said.out


def test_an_order_with_cases_in_two_shops_has_to_be_named_by_case(shop: CliShop) -> None:
    one, two = shop.case(1), shop.case(1, shop="other")
    said = shop.run("show", order(1))
    assert said.code == 2
    assert one.case_id in said.err
    assert two.case_id in said.err


def test_what_a_page_said_is_shown_as_plain_text(shop: CliShop) -> None:
    hostile = "[red]\x1b[2J\u202eevil[/red]"
    shop.case(1, **{**ended(Outcome.HANDED_OVER), "why": hostile})
    said = shop.run("cases")
    assert "\x1b[2J" not in said.out
    assert "\u202e" not in said.out
    assert "[red]" in said.out


def test_stops_and_breakers_are_told_on_stderr(shop: CliShop) -> None:
    shop.run("stop", "--why", "stock-taking")
    app = shop.open()
    now = app.clock()

    def trip(tx: Any) -> None:
        for n in (1, 2, 3):
            breakers.record_fault(tx, shop="demo", path="unpaid", fault="ElementMissing", order_id=order(n), now=now)

    app.db.write(trip)
    app.close()
    said = shop.run("cases", "--json")
    assert said.data == {"cases": [], "counts": {}}
    assert "stock-taking" in said.err
    assert "ElementMissing" in said.err
    assert "lifted 1 stops and closed 1 breakers" in shop.run("start").out
    assert shop.run("cases").err == ""


def recorded(shop: CliShop, *, began: timedelta, ended: timedelta | None, how: str = "finished") -> None:
    """Write down a run that began and ended so long ago."""
    app = shop.open()
    now = system_clock()
    run_id = app.db.write(
        lambda tx: runs.begin(tx, shop="demo", kind="resume", actor=app.actor, pid=4711, now=now - began)
    )
    if ended is not None:
        at = now - ended
        app.db.write(lambda tx: runs.end(tx, run_id, exit_code=0, how=how, counts={}, now=at))
    app.close()


def test_a_run_that_is_long_ago_is_complained_about(shop: CliShop) -> None:
    recorded(shop, began=timedelta(hours=28), ended=timedelta(hours=27))
    assert "stale_after" in shop.run("cases").err


def test_a_run_of_today_is_not_complained_about(shop: CliShop) -> None:
    recorded(shop, began=timedelta(hours=3), ended=timedelta(hours=2))
    assert shop.run("cases").err == ""


def test_a_killed_run_is_complained_about_until_another_has_ended(shop: CliShop) -> None:
    recorded(shop, began=timedelta(hours=3), ended=None)
    assert "4711" in shop.run("cases").err
    recorded(shop, began=timedelta(hours=2), ended=timedelta(hours=1))
    assert shop.run("cases").err == ""


@pytest.mark.parametrize("name", ["report.html", "report.xlsx"])
def test_the_last_line_of_report_is_the_files_path_bare(shop: CliShop, name: str) -> None:
    closed_case(shop)
    deep = shop.folder / ("a folder with a long name " * 6).strip() / name
    said = shop.run("report", "--to", str(deep))
    assert said.code == 0, said.err
    assert said.out.splitlines()[-1] == str(deep)
    assert deep.stat().st_size > 1000


def test_report_leaves_out_what_was_not_touched_since(shop: CliShop) -> None:
    closed_case(shop)
    said = shop.run("report", "--since", "2999-01-01", "--to", "report.html")
    assert said.code == 0
    assert order(1) not in Path("report.html").read_text(encoding="utf-8")
    assert shop.run("report", "--since", "1d", "--to", "report.html").code == 0
    assert order(1) in Path("report.html").read_text(encoding="utf-8")


def test_evidence_is_verified_as_a_whole_by_case_and_as_an_export(shop: CliShop) -> None:
    case = closed_case(shop)
    for args in ([], [case.case_id], [order(1)], ["evidence"]):
        said = shop.run("evidence", "verify", *args)
        assert (said.code, said.err) == (0, "")
        assert "intact since signed" in said.out
    said = shop.run("evidence", "export", case.case_id, "--to", "case.html")
    assert said.out.splitlines()[-1] == str(shop.folder / "case.html")
    assert shop.run("evidence", "verify", "case.html").code == 0


def test_changed_evidence_is_named(shop: CliShop) -> None:
    case = closed_case(shop)
    path = shop.folder / "evidence" / "cases" / f"{case.case_id}.json"
    path.write_text(path.read_text(encoding="utf-8").replace("it ended", "it ended well"), encoding="utf-8")
    for args in ([], [case.case_id]):
        said = shop.run("evidence", "verify", *args)
        assert said.code == 1
        assert "broken" in said.out.splitlines()[0]
        assert case.case_id in said.out


def test_a_case_whose_file_is_gone_is_broken(shop: CliShop) -> None:
    case, _kept = closed_case(shop, 1), closed_case(shop, 2)
    (shop.folder / "evidence" / "cases" / f"{case.case_id}.json").unlink()
    said = shop.run("evidence", "verify")
    assert said.code == 1
    assert f"{case.case_id}.json is missing" in said.out


def test_an_old_copy_of_a_file_that_is_sound_in_itself_is_not_taken_for_another_journal(shop: CliShop) -> None:
    """A manifest that lags behind the database is sound; one whose history differs is not."""
    case = shop.case(1)
    path = shop.folder / "evidence" / "cases" / f"{case.case_id}.json"
    early = path.read_bytes()
    app = shop.open()
    leave(app, case.case_id, why="later")
    app.close()
    path.write_bytes(early)
    assert shop.run("evidence", "verify", case.case_id).code == 0


def test_without_evidence_there_is_nothing_to_verify(shop: CliShop) -> None:
    said = shop.run("evidence", "verify")
    assert (said.code, said.out) == (0, "")


def test_two_thousand_cases_are_summed_up_in_a_few_statements(shop: CliShop) -> None:
    app = shop.open()
    wishes = [CloseRequest(order(n), Reason.OUT_OF_STOCK, source={"command": "test"}) for n in range(2000)]
    app.admit("demo", wishes)
    said = shop.run("cases", "--json")
    app.close()
    assert said.data["counts"] == {"due": 2000}
    assert len(said.out) < 2_000_000
    assert json.loads(said.out)["cases"][0]["evidence"] is None


def test_a_report_tells_the_story_with_its_head_and_signer(shop: CliShop) -> None:
    case = closed_case(shop)
    app = shop.open()
    [told] = report_cases(app.db, app.blobs, [case])
    signer = app.key.key_id
    app.close()
    assert told.signed_by == signer
    assert len(told.head_hash) == 64
    assert any("Closing the order was asked for" in step.text for step in told.timeline)
    assert told.updated_at is not None
