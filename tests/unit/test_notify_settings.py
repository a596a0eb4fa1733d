"""The settings of notices: what they are without any, and every fault in the words of the file, no secret shown."""

from datetime import timedelta
from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.settings import EXAMPLE, FILE_NAME, Notify, load

NOTIFY = "shops.demo.notify"
NOTICE = "shops.demo.notice"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(text: str, example: str = EXAMPLE) -> Path:
    path = Path(FILE_NAME)
    path.write_text(example + text, encoding="utf-8")
    return path


def faults_of(path: Path) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    pairs = (fault.removeprefix(f"{FILE_NAME}: ").split(": ", 1) for fault in caught.value.faults)
    return {key: what for key, what in pairs}  # noqa: C416 - a pair each, or it fails


def test_without_settings_nobody_is_told() -> None:
    shop = load(written("")).shop("demo")
    assert shop.notify == Notify(people=(), quiet_hours=None, batch_every=timedelta(minutes=15), language="zh")
    assert (shop.notice.email, shop.notice.sms, shop.notice.refund_days) == (None, None, 7)
    assert not shop.wishes.notice_beside


@pytest.mark.parametrize(
    "channel",
    [
        "env:HOOK",
        "keyring:closewright/wecom",
        "json://127.0.0.1:9000/hook",
        "json://localhost",
        "mailto://localhost:2525?from=a@s.example&to=b@s.example",
    ],
)
def test_a_reference_or_an_address_of_this_machine_is_a_channel(channel: str) -> None:
    assert load(written(f'[{NOTIFY}]\npeople = ["{channel}"]\n')).shop("demo").notify.people == (channel,)


@pytest.mark.parametrize(
    "channel",
    [
        "wecombot://secret-key",
        "json://hooks.example.com/secret",
        "json://user:secret@127.0.0.1/",
        "json://127.0.0.1.example.com/secret",
        "json://127.0.0.1@example.com/secret",
        "mailto://secret:pw@localhost",
        "jsons://localhost/secret",
        "mailto://localhost?user=a&pass=secret",
        "json://localhost\\nsecret",
        "",
    ],
)
def test_an_address_that_may_hold_a_secret_does_not_stand_in_the_file(channel: str) -> None:
    faults = faults_of(written(f'[{NOTIFY}]\npeople = ["env:A", "{channel}"]\n'))
    assert list(faults) == [f"{NOTIFY}.people.1"]
    assert "env:NAME" in faults[f"{NOTIFY}.people.1"]
    assert "secret" not in faults[f"{NOTIFY}.people.1"]


def test_every_fault_is_told_at_once_by_its_key() -> None:
    faults = faults_of(
        written(f"""
[{NOTIFY}]
people = ["env:A", "env:A"]
batch_every = "often"
quiet_hours = {{ from = "22:00", to = "22:00" }}
language = "de"
[{NOTICE}]
email = "env:MAIL"
addresses = "none.csv"
refund_days = 0
zh = {{ paid = "{{buyer}}", subject = "" }}
en = {{ unpaid = "{{order_id" }}
more = 1
""")
    )
    assert list(faults) == [
        *(f"{NOTIFY}.{key}" for key in ("people", "quiet_hours", "batch_every", "language")),
        *(f"{NOTICE}.{key}" for key in ("addresses", "refund_days", "zh.subject", "zh.paid", "en.unpaid", "more")),
    ]
    assert "unknown field '{buyer}'" in faults[f"{NOTICE}.zh.paid"]
    assert "{order_id} {reason} {amount} {refund_days}" in faults[f"{NOTICE}.zh.paid"]
    assert "names a channel twice" in faults[f"{NOTIFY}.people"]


def test_a_way_to_buyers_needs_their_addresses() -> None:
    assert "addresses is missing" in faults_of(written(f'[{NOTICE}]\nsms = "env:SMS"\n'))[NOTICE]


def test_a_purchaser_has_no_buyers(folder: Path) -> None:
    (folder / "b.csv").write_text("buyer,email\n", encoding="utf-8")
    purchaser = EXAMPLE.replace('role = "seller"', 'role = "purchaser"')
    text = f'[{NOTICE}]\nemail = "env:MAIL"\naddresses = "b.csv"\n'
    assert "a purchaser has no buyers" in faults_of(written(text, purchaser))["shops.demo"]
    assert load(written(text)).shop("demo").wishes.notice_beside


def test_a_variable_names_channels_as_the_file_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSEWRIGHT_SHOPS__DEMO__NOTIFY__PEOPLE", "env:A, keyring:b/c")
    assert load(written("")).shop("demo").notify.people == ("env:A", "keyring:b/c")


def test_own_words_stand_by_language() -> None:
    text = f'[{NOTICE}]\nrefund_days = 3\nen = {{ paid = "{{order_id}} {{{{x}}}}" }}\n'
    wording = load(written(text)).shop("demo").notice.wording()
    assert (dict(wording.texts["zh"]), dict(wording.texts["en"]), wording.refund_days) == (
        {},
        {"paid": "{order_id} {{x}}"},
        3,
    )
