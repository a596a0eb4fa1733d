"""What cannot begin exits with 2 or 3, tells everything that is wrong, and has done nothing."""

import os
from pathlib import Path

import pytest
from cli_shop import SETTINGS, CliShop, ended, order, waiting

from agent.domain.cases import Outcome, WaitingFor
from agent.store import cases, runs

GOOD = f"order_id,reason,consent,note\n{order(1)},out_of_stock,,\n{order(2)},buyer_cancelled,yes,\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CliShop:
    return CliShop(tmp_path, monkeypatch, capsys)


def all_cases(shop: CliShop) -> list[str]:
    app = shop.open()
    try:
        return [case.state for case in app.db.read(cases.listing)]
    finally:
        app.close()


def test_every_bad_row_is_told_before_any_case_is_made(shop: CliShop) -> None:
    shop.write("bad.csv", f"order_id,reason\n1.23E+17,out_of_stock\n{order(1)},nonsense\n")
    said = shop.run("run", "bad.csv", "--shop", "demo", "--yes", "--json")
    assert (said.code, said.out) == (2, "")
    assert "bad.csv: row 2" in said.err
    assert "bad.csv: row 3" in said.err
    assert all_cases(shop) == []


@pytest.mark.parametrize(
    "args",
    [
        ["run", "good.csv", "--shop", "nowhere", "--yes"],
        ["run", "good.csv", "--shop", "demo", "--yes", "--limit-amount", "much"],
        ["run", "good.csv", "--shop", "demo", "--yes", "--lanes", "99"],
        ["run", "absent.csv", "--shop", "demo", "--yes"],
        ["plan", "good.csv", "--shop", "nowhere"],
        ["resume", "--shop", "nowhere"],
        ["cases", "--shop", "nowhere"],
        ["cases", "--waiting", "godot"],
        ["show", "cnone"],
        ["stop", "--why", " "],
        ["report", "--to", "report.pdf"],
        ["report", "--to", "report.html", "--since", "yesterday"],
        ["evidence", "verify", "cnone"],
        ["answer", "cnone", "continue"],
        ["--config", "absent.toml", "cases"],
    ],
    ids=" ".join,
)
def test_what_is_wrong_with_a_call_is_one_line_and_exit_2(shop: CliShop, args: list[str]) -> None:
    shop.write("good.csv", GOOD)
    said = shop.run(*args)
    assert (said.code, said.out) == (2, "")
    assert said.err.strip()
    assert "Traceback" not in said.err


def test_without_a_terminal_a_run_wants_yes(shop: CliShop) -> None:
    shop.write("good.csv", GOOD)
    said = shop.run("run", "good.csv", "--shop", "demo", "--json")
    assert (said.code, said.out) == (2, "")
    assert "--yes" in said.err
    assert all_cases(shop) == []


def test_every_fault_of_a_close_is_told_at_once(shop: CliShop) -> None:
    said = shop.run("close", "12345", "--shop", "demo", "--reason", "whim", "--consent", "nowhere.png")
    assert (said.code, said.out) == (2, "")
    assert [word for word in ("ORDER_ID", "--reason", "--consent") if word not in said.err] == []


def test_the_reason_other_wants_a_note(shop: CliShop) -> None:
    said = shop.run("close", order(1), "--shop", "demo", "--reason", "其它")
    assert said.code == 2
    assert "--note" in said.err


def test_supervision_wants_a_terminal(shop: CliShop) -> None:
    said = shop.run("close", order(1), "--shop", "demo", "--reason", "out_of_stock", "--supervised")
    assert said.code == 2
    assert "terminal" in said.err


def test_a_password_that_is_nowhere_is_told_before_any_case_is_made(
    shop: CliShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLI_TEST_PASSWORD")
    monkeypatch.setenv("CLOSEWRIGHT_SESSION_KEY", "a key, so that no keyring is asked")
    shop.write("good.csv", GOOD)
    said = shop.run("run", "good.csv", "--shop", "demo", "--yes")
    assert (said.code, said.out) == (2, "")
    assert "CLI_TEST_PASSWORD" in said.err
    assert all_cases(shop) == []


def test_a_second_live_run_on_a_shop_exits_3_and_changes_nothing(shop: CliShop) -> None:
    shop.write("good.csv", GOOD)
    app = shop.open()
    try:
        with app.hold("demo"):
            said = shop.run("run", "good.csv", "--shop", "demo", "--yes", "--json")
    finally:
        app.close()
    assert (said.code, said.out) == (3, "")
    assert "demo" in said.err
    assert all_cases(shop) == []


def test_the_kill_switch_ends_a_run_before_a_browser_opens(shop: CliShop) -> None:
    shop.write("good.csv", GOOD)
    assert shop.run("stop", "--shop", "demo", "--why", "stock-taking").code == 0
    said = shop.run("run", "good.csv", "--shop", "demo", "--yes", "--json")
    assert said.code == 3
    assert "stock-taking" in said.err
    assert said.data["counts"] == {"due": 2}
    assert all_cases(shop) == ["due", "due"]
    assert "closewright resume --shop demo" in said.err


def test_a_run_is_recorded_with_how_it_ended(shop: CliShop) -> None:
    shop.write("good.csv", GOOD)
    shop.run("stop", "--why", "everything")
    shop.run("run", "good.csv", "--shop", "demo", "--yes")
    app = shop.open()
    try:
        last = app.db.read(lambda tx: runs.last(tx, "demo"))
    finally:
        app.close()
    assert last is not None
    assert (last.kind, last.exit_code, last.how, last.counts) == ("run", 3, "stopped: Stopped", {"due": 2})
    assert last.pid == os.getpid()


def test_resume_opens_no_browser_where_nothing_is_due(shop: CliShop) -> None:
    shop.case(1, **waiting(WaitingFor.CONSENT))
    shop.case(2, **ended(Outcome.CLOSED))
    said = shop.run("resume", "--json")  # the browser of these settings is no browser: starting it would fail
    assert said.code == 0, said.err
    assert said.data["counts"] == {"waiting:consent": 1}


def test_resume_says_that_a_person_is_wanted(shop: CliShop) -> None:
    shop.case(1, **waiting(WaitingFor.HUMAN))
    assert shop.run("resume", "--shop", "demo").code == 1


def test_resume_of_all_shops_goes_on_where_one_is_busy(shop: CliShop) -> None:
    shop.case(1, shop="other", **waiting(WaitingFor.CONSENT))
    app = shop.open()
    try:
        with app.hold("demo"):
            said = shop.run("resume", "--json")
    finally:
        app.close()
    assert said.code == 3
    assert [case["shop"] for case in said.data["cases"]] == ["other"]


def test_something_unforeseen_is_one_line_and_exit_1(shop: CliShop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("the roof fell in")

    monkeypatch.setattr("agent.cli.looking.report_cases", broken)
    said = shop.run("-vv", "--log-file", "log.txt", "cases")
    assert (said.code, said.out) == (1, "")
    assert "unexpected RuntimeError: the roof fell in" in said.err
    assert "Traceback" in (shop.folder / "log.txt").read_text(encoding="utf-8")


# --- Rules


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('state = "unpaid"\nreason = "abuse"', "rules.bad: selects every unpaid order"),
        ('state = "unpaid"\nclose_after = "0s"\namount_from = "0"\nreason = "abuse"', "selects every unpaid order"),
        ('state = "unpaid"\nclose_after = "72h"\nreason = "other"', "rules.bad: note is missing"),
        ('state = "unpaid"\nclose_after = "-72h"\nreason = "abuse"', "rules.bad.close_after: must be a whole number"),
        ('state = "closed"\nclose_after = "72h"\nreason = "abuse"', "rules.bad.state: must be one of unpaid"),
        ('state = "unpaid"\nclose_after = "72h"\nreason = "whim"', "rules.bad.reason: reason 'whim' is unknown"),
        ('state = "unpaid"\nolder = "72h"\nreason = "abuse"', "rules.bad.older: there is no such key"),
        ('state = "unpaid"\nproducts = [""]\nreason = "abuse"', "rules.bad.products: must be a word"),
        ('state = "unpaid"\namount_from = "2"\namount_to = "1"\nreason = "abuse"', "amount_from is above amount_to"),
        ('state = "unpaid"\nclose_after = "72h"\nreason = "abuse"\nlimits = { orders_per_run = 0 }', "1 or more"),
        ('close_after = "72h"', "rules.bad.reason: is missing"),
        ('state = "unpaid"\nremind_after = "72h"\nclose_after = "72h"\nreason = "abuse"', "a longer close_after"),
        ('state = "unpaid"\nremind_after = "72h"\nreason = "abuse"', "a longer close_after"),
        ('state = "paid"\nremind_after = "1h"\nclose_after = "72h"\nreason = "abuse"', "goes with state = 'unpaid'"),
    ],
)
def test_a_wrong_rule_is_named_by_file_and_key_and_nothing_is_touched(shop: CliShop, rule: str, told: str) -> None:
    shop.write("closewright.toml", f"{SETTINGS}[rules.bad]\n{rule}\n")
    for command in (["run", "--yes"], ["plan"]):
        said = shop.run(*command, "--rule", "bad", "--shop", "demo", "--json")
        assert (said.code, said.out) == (2, "")
        assert "closewright.toml: rules.bad" in said.err
        assert told in said.err
    shop.write("closewright.toml", SETTINGS)
    assert all_cases(shop) == []


def test_all_faults_of_rules_and_white_list_are_told_at_once(shop: CliShop) -> None:
    shop.write(
        "closewright.toml",
        f'{SETTINGS}[rules.one]\nstate = "unpaid"\nreason = "abuse"\n[rules."two words"]\nstate = "paid"\n'
        '[never]\norders = ["12", "1.2E17"]\nbuyers = [""]\n',
    )
    said = shop.run("plan", "--rule", "one", "--shop", "demo")
    assert said.code == 2
    for told in (
        "rules.one: ",
        "rules.two words: a rule's name",
        "never.orders.0: ",
        "never.orders.1: ",
        "never.buyers: ",
    ):
        assert told in said.err, told


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["run", "--yes", "--shop", "demo"], "FILE or --rule NAME is missing"),
        (["plan", "--shop", "demo"], "FILE or --rule NAME is missing"),
        (["run", "good.csv", "--rule", "old", "--yes", "--shop", "demo"], "choose one"),
        (["run", "--rule", "nosuch", "--yes", "--shop", "demo"], "there is no rule 'nosuch' in the settings"),
        (["run", "--rule", "old", "--yes", "--shop", "nosuch"], "there is no shop"),
        (["run", "--rule", "old", "--shop", "demo"], "--yes"),
        (["plan", "--rule", "old", "--shop", "strict"], "rules.old.reason: abuse is not among the allowed_reasons"),
        (["plan", "--rule", "old", "--shop", "oscar"], "has no [pages.list.queue]"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_a_call_that_a_rule_cannot_answer_is_refused(shop: CliShop, args: list[str], told: str) -> None:
    other = '[shops.{}]\nportal = "{}"\nbase_url = "http://127.0.0.1:9"\nrole = "seller"\nusername = "{}"\n'
    other += 'password = "env:CLI_TEST_PASSWORD"\n'
    shop.write(
        "closewright.toml",
        f'{SETTINGS}[rules.old]\nstate = "unpaid"\nclose_after = "72h"\nreason = "abuse"\n'
        + other.format("strict", "mock_lit", "a")
        + 'allowed_reasons = ["out_of_stock"]\n'
        + other.format("oscar", "oscar", "b"),
    )
    shop.write("good.csv", GOOD)
    said = shop.run(*args)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert all_cases(shop) == []


def test_a_white_list_of_buyers_is_refused_where_no_page_shows_a_buyer(shop: CliShop) -> None:
    text = SETTINGS.replace('portal = "mock_classic"', 'portal = "oscar"', 1) + '[never]\nbuyers = ["somebody"]\n'
    shop.write("closewright.toml", text)
    shop.write("good.csv", GOOD)
    said = shop.run("plan", "good.csv", "--shop", "demo")
    assert said.code == 2
    assert "never.buyers: the pages of portal oscar show no buyer" in said.err


def test_no_variable_changes_a_rule_unnoticed(shop: CliShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSEWRIGHT_RULES__OLD__CLOSE_AFTER", "1s")
    said = shop.run("cases")
    assert said.code == 2
    assert "CLOSEWRIGHT_RULES__OLD__CLOSE_AFTER: [rules] stands in the file only" in said.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--reason", "out_of_stock", "--stock", "-1"], "--stock: -1 is below zero"),
        (["--reason", "out_of_stock", "--stock", "some"], "--stock: 'some' is not a number of pieces"),
        (["--reason", "buyer_cancelled", "--stock", "3"], "--stock and --sku: go with --reason out_of_stock"),
        (["--reason", "buyer_cancelled", "--sku", "YS11"], "--stock and --sku: go with --reason out_of_stock"),
        (["--reason", "out_of_stock", "--sku", "A" * 101], "--sku: must be one line"),
    ],
)
def test_a_stock_that_cannot_be_set_is_told_before_anything_is_done(shop: CliShop, args: list[str], said: str) -> None:
    ended_ = shop.run("close", order(1), "--shop", "demo", *args)
    assert (ended_.code, ended_.out) == (2, "")
    assert said in ended_.err
    assert all_cases(shop) == []


def test_books_whose_address_is_none_are_named_before_anything_is_done(
    shop: CliShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERP", "not an address")
    monkeypatch.setenv("ERP_SECRET", "s3cret")
    books = 'aftercare = { stock = "set" }\nstock = { webhook = "env:ERP", secret = "env:ERP_SECRET" }\n'
    shop.write("closewright.toml", SETTINGS.replace("\n[shops.other]", f"{books}\n[shops.other]"))
    shop.write("good.csv", GOOD)
    said = shop.run("run", "good.csv", "--shop", "demo", "--yes")
    assert (said.code, said.out) == (2, "")
    assert "env:ERP holds no address" in said.err
    assert all_cases(shop) == []
