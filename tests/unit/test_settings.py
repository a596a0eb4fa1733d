"""Settings: what the file and the variables say, or every fault at once in the words of the file."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends import fail
from pydantic import ValidationError

from agent.domain.cases import Role, WaitingFor
from agent.domain.reasons import Reason
from agent.errors import ConfigError
from agent.settings import (
    EXAMPLE,
    FILE_NAME,
    Limits,
    QuietHours,
    Settings,
    load,
    parse_duration,
    resolve_secret,
    web_address,
)

Write = Callable[[str], Path]
DEMO = EXAMPLE  # a file with one shop and only what it must have


@pytest.fixture(autouse=True)
def no_variables_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("CLOSEWRIGHT_"):
            monkeypatch.delenv(name)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def to_file(text: str) -> Path:
        path = Path(FILE_NAME)
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def faults_of(path: Path | None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return list(caught.value.faults)


# --- What the file says


def test_a_shop_has_the_documented_defaults(write: Write) -> None:
    shop = load(write(DEMO)).shop("demo")
    assert shop.role is Role.SELLER
    assert shop.limits == Limits(orders_per_run=500, orders_per_day=2000)
    assert (shop.limits.amount_per_order, shop.limits.amount_per_day) == (500_000, 20_000_000)
    assert (shop.limits.approve_above, shop.limits.amount_per_run) == (100_000, None)
    assert shop.allowed_reasons == tuple(Reason)
    assert (shop.consent, shop.quiet_hours, shop.lanes, shop.wait_s) == ("declared", None, None, 60)
    assert (shop.approval_valid, shop.stale_after) == (timedelta(hours=24), timedelta(hours=26))
    assert (shop.breaker.same_fault, shop.pace.between_orders_s) == (3, 0.0)


def test_all_that_can_be_set_arrives(write: Write, tmp_path: Path) -> None:
    (tmp_path / "chromium").write_bytes(b"x")
    (tmp_path / "portals").mkdir()
    settings = load(
        write(
            f"""\
[store]
url = "postgresql://user@db/closewright"
evidence = "proofs"
signing_key = "keys/signing.key"
[browser]
executable = "chromium"
headed = true
{DEMO}
profile_dir = "portals"
limits = {{ orders_per_run = 1, orders_per_day = 0, amount_per_order = "1,234.50", amount_per_run = "¥9" }}
allowed_reasons = ["abuse", "缺货"]
consent = "proof"
quiet_hours = {{ from = "23:00", to = 07:30:00 }}
breaker = {{ same_fault = 5 }}
pace = {{ between_orders_s = 1 }}
wait_s = 0
lanes = 16
approval_valid = "90s"
stale_after = "2d"
[shops.demo.waits]
consent = "5m"
[shops.demo.messages]
ask_consent = "订单 {{order_id}} {{{{ok}}}}"
"""
        )
    )
    shop = settings.shop("demo")
    assert settings.store.url == "postgresql+psycopg://user@db/closewright"
    assert settings.store.evidence == tmp_path / "proofs"
    assert settings.store.signing_key == tmp_path / "keys" / "signing.key"
    assert (settings.browser.executable, settings.browser.headed) == (tmp_path / "chromium", True)
    assert shop.profile_dir == tmp_path / "portals"
    assert (shop.limits.orders_per_run, shop.limits.orders_per_day) == (1, 0)
    assert (shop.limits.amount_per_order, shop.limits.amount_per_run) == (123_450, 900)
    assert shop.allowed_reasons == (Reason.ABUSE, Reason.OUT_OF_STOCK)
    assert shop.consent == "proof"
    assert shop.quiet_hours == QuietHours.model_validate({"from": "23:00", "to": "07:30"})
    assert (shop.breaker.same_fault, shop.pace.between_orders_s, shop.wait_s, shop.lanes) == (5, 1.0, 0, 16)
    assert (shop.approval_valid, shop.stale_after) == (timedelta(seconds=90), timedelta(days=2))
    assert (shop.waits.consent, shop.waits.refund) == (timedelta(minutes=5), timedelta(hours=4))
    assert shop.messages.ask_consent is not None
    assert shop.messages.ask_consent.format(order_id="1", reason="", amount="") == "订单 1 {ok}"


def test_paths_begin_at_the_folder_of_the_file_wherever_we_stand(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(DEMO)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    store = load(Path("..") / FILE_NAME).store
    assert store.evidence.resolve() == (tmp_path / "evidence").resolve()
    assert Path(store.url.removeprefix("sqlite:///")).resolve() == (tmp_path / "closewright.db").resolve()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:////var/x.db", "postgresql+psycopg://h/x"])
def test_an_address_without_a_relative_file_is_kept(write: Write, url: str) -> None:
    assert load(write(f'[store]\nurl = "{url}"\n')).store.url == url


def test_the_signing_key_is_by_default_outside_the_folder_of_the_database(write: Write, tmp_path: Path) -> None:
    key = load(write(DEMO)).store.signing_key
    assert key.parts[-2:] == ("closewright", "signing.key")
    assert not key.is_relative_to(tmp_path)


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    path.write_bytes(b"\xef\xbb\xbf" + DEMO.replace("\n", "\r\n").encode())
    assert list(load(path).shops) == ["demo"]


def test_each_kind_of_waiting_has_an_interval(write: Write) -> None:
    waits = load(write(DEMO)).shop("demo").waits
    assert all(waits.of(word) > timedelta(0) for word in WaitingFor)


def test_settings_do_not_change(write: Write) -> None:
    shop = load(write(DEMO)).shop("demo")
    with pytest.raises(ValidationError, match="frozen"):
        setattr(shop, "lanes", 3)  # noqa: B010 - mypy would rightly refuse the assignment


@pytest.mark.parametrize(
    ("at", "quiet"), [("22:59", False), ("23:00", True), ("00:00", True), ("06:59", True), ("07:00", False)]
)
def test_quiet_hours_may_span_midnight(at: str, quiet: bool) -> None:
    assert QuietHours.model_validate({"from": "23:00", "to": "07:00"}).hold(time.fromisoformat(at)) is quiet


@given(st.times(), st.times(), st.times())
def test_turned_quiet_hours_are_the_other_hours(begin: time, end: time, at: time) -> None:
    if begin == end:
        return
    there = QuietHours.model_validate({"from": begin, "to": end})
    back = QuietHours.model_validate({"from": end, "to": begin})
    assert there.hold(at) is not back.hold(at)


@given(st.integers(0, 999_999), st.sampled_from(["s", "m", "h", "d"]))
def test_a_duration_is_its_number_of_units(number: int, unit: str) -> None:
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    assert parse_duration(f"{number}{unit}") == timedelta(seconds=number * seconds)


@pytest.mark.parametrize("text", ["", "5", "h", "1.5h", "-1h", "1h30m", "5 m", "5M", "５m", "1000000s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match='such as "90s", "5m", "4h" or "2d"'):
        parse_duration(text)


def test_an_unknown_shop_is_answered_with_the_known_ones(write: Write) -> None:
    with pytest.raises(ConfigError, match="there is no shop 'demi' in the settings; shops there: demo"):
        load(write(DEMO)).shop("demi")
    with pytest.raises(ConfigError, match="shops there: none"):
        load(write("")).shop("demo")


# --- What variables say


def test_variables_override_the_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {
        "STORE__URL": "postgresql://u:password@h/x",
        "BROWSER__HEADED": "true",
        "SHOPS__DEMO__LANES": "3",
        "SHOPS__DEMO__USERNAME": "007",
        "SHOPS__DEMO__LIMITS__AMOUNT_PER_DAY": "5000.10",
        "SHOPS__DEMO__LIMITS__ORDERS_PER_DAY": "",
        "SHOPS__DEMO__ALLOWED_REASONS": "abuse,缺货",
        "SHOPS__DEMO__QUIET_HOURS__FROM": "22:00",
        "SHOPS__DEMO__WAITS__CONSENT": "7m",
        "SHOPS__DEMO__PACE__BETWEEN_ORDERS_S": "0.5",
        "SESSION_KEY": "not a setting",
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"CLOSEWRIGHT_{name}", value)
    text = DEMO + 'lanes = 2\nlimits = { orders_per_day = 7 }\nquiet_hours = { from = "23:00", to = "07:00" }\n'
    settings = load(write(text))
    shop = settings.shop("demo")
    assert settings.store.url == "postgresql+psycopg://u:password@h/x"
    assert settings.browser.headed
    assert (shop.lanes, shop.username) == (3, "007")
    assert (shop.limits.amount_per_day, shop.limits.orders_per_day) == (500_010, 7)
    assert shop.allowed_reasons == (Reason.ABUSE, Reason.OUT_OF_STOCK)
    assert shop.quiet_hours == QuietHours.model_validate({"from": "22:00", "to": "07:00"})
    assert (shop.waits.consent, shop.pace.between_orders_s) == (timedelta(minutes=7), 0.5)


def test_a_variable_finds_its_shop_whatever_capitals_the_file_uses(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOSEWRIGHT_SHOPS__MY_SHOP__LANES", "3")
    assert load(write(DEMO.replace("shops.demo", "shops.My_Shop"))).shop("My_Shop").lanes == 3


NO_KEY = "there is no such key; did you mean 'orders_per_run'?"


def test_a_wrong_variable_is_named_as_such(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHOP__DEMO__LANES", "SHOPS__DEMI__LANES", "SHOPS__DEMO__LANES", "SHOPS__DEMO__LIMITS__ORDERS"):
        monkeypatch.setenv(f"CLOSEWRIGHT_{name}", "99")
    assert faults_of(write(DEMO)) == [
        "CLOSEWRIGHT_SHOP__DEMO__LANES: there is no table 'shop' of settings; did you mean 'shops'?",
        "CLOSEWRIGHT_SHOPS__DEMI__*: closewright.toml has no shop 'demi'; shops there: demo",
        "CLOSEWRIGHT_SHOPS__DEMO__LIMITS__ORDERS (shops.demo.limits.orders): " + NO_KEY,
        "CLOSEWRIGHT_SHOPS__DEMO__LANES (shops.demo.lanes): must be a whole number from 1 to 16",
    ]


def test_a_table_that_is_no_json_is_a_fault_of_the_variables(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSEWRIGHT_STORE", "{")
    (fault,) = faults_of(write(DEMO))
    assert fault.startswith("CLOSEWRIGHT_* variables: ")
    assert fault.endswith(": write JSON, or one variable per key")


# --- What is wrong is told, in these words

IN_URL = (
    "holds a password: put the whole address in the variable CLOSEWRIGHT_STORE__URL, or only the password in a pgpass"
    " file"
)
SECRET = 'must say where the secret is, "env:NAME" or "keyring:SERVICE/USER", never the secret itself'
URL = 'must be an address such as "https://seller.example.com", without user, query or fragment'
DURATION = 'must be a whole number with s, m, h or d, such as "90s", "5m", "4h" or "2d"'
YUAN = 'must be an amount in yuan, in quotes, such as "5000.00"'
ONLY = "use only {order_id} {reason} {amount}"
HOUR = 'must be a time of day such as "23:00"'

# One wrong line in [shops.demo] each, its key there, and what is said of it.
WRONG: list[tuple[str, str, str]] = [
    ('portals = "x"', "portals", "there is no such key; did you mean 'portal'?"),
    (
        "xyzzy = 1",
        "xyzzy",
        "there is no such key; known are portal, base_url, profile_dir, role, username, shown_as, language, password,",
    ),
    ('role = "seler"', "role", "must be 'seller' or 'purchaser'"),
    ("username = 5", "username", "must be a string in quotes"),
    ('username = ""', "username", "must not be empty"),
    ('password = "hunter2"', "password", SECRET),
    ('password = "env:"', "password", SECRET),
    ('base_url = "ftp://x"', "base_url", URL),
    ('base_url = "https://user:pass@x"', "base_url", URL),
    ('base_url = "https://x:99999"', "base_url", URL),
    ("limits = 5", "limits", "must be a table"),
    ("limits = { orders_per_run = -1 }", "limits.orders_per_run", "must be a whole number of 0 or more"),
    ("limits = { orders_per_run = true }", "limits.orders_per_run", "must be a whole number of 0 or more"),
    ("limits = { orders_per_run = 1.0 }", "limits.orders_per_run", "must be a whole number of 0 or more"),
    ("limits = { amount_per_day = 5000.10 }", "limits.amount_per_day", YUAN),
    ('limits = { amount_per_day = "-1" }', "limits.amount_per_day", "must not be less than 0"),
    ('limits = { amount_per_day = "1.234" }', "limits.amount_per_day", "'1.234' is not an amount in yuan"),
    ("limits = { order_per_day = 1 }", "limits.order_per_day", "there is no such key; did you mean 'orders_per_day'?"),
    ("lanes = 0", "lanes", "must be a whole number from 1 to 16"),
    ("lanes = 17", "lanes", "must be a whole number from 1 to 16"),
    ('allowed_reasons = ["foo"]', "allowed_reasons", "reason 'foo' is unknown; use one of buyer_cancelled, "),
    ("allowed_reasons = []", "allowed_reasons", "must be a list of reasons, of buyer_cancelled, "),
    ('consent = "maybe"', "consent", "must be 'declared' or 'proof'"),
    ('quiet_hours = { from = "25:00", to = "7:00" }', "quiet_hours.from", HOUR),
    ('quiet_hours = { to = "07:00" }', "quiet_hours.from", "is missing: add it to [shops.demo.quiet_hours]"),
    ('quiet_hours = { from = "07:00", to = "07:00" }', "quiet_hours", "from and to must differ"),
    ('quiet_hours = { start = "07:00" }', "quiet_hours.start", "there is no such key; known are from, to"),
    ("breaker = { same_fault = 0 }", "breaker.same_fault", "must be a whole number of 1 or more"),
    ("pace = { between_orders_s = nan }", "pace.between_orders_s", "must be a number of seconds, 0 or more"),
    ("waits = { consent = 5 }", "waits.consent", DURATION),
    ('waits = { consnt = "5m" }', "waits.consnt", "there is no such key; did you mean 'consent'?"),
    ('stale_after = "1 day"', "stale_after", DURATION),
    ('messages = { ask_consent = "{0}" }', "messages.ask_consent", f"has the unknown placeholder {{0}}; {ONLY}"),
    ('messages = { ticket = "{order_id.x}" }', "messages.ticket", "has the unknown placeholder {order_id.x}; "),
    ('messages = { ticket = "{order_id" }', "messages.ticket", f"has a stray brace; {ONLY}, and double a brace"),
    (f'messages = {{ ticket = "{"x" * 501}" }}', "messages.ticket", "must have 1 to 450 characters"),
    ('profile_dir = "nowhere"', "profile_dir", "there is no folder "),
]


@pytest.mark.parametrize(("line", "key", "said"), WRONG)
def test_each_wrong_line_is_told_with_file_and_key(write: Write, line: str, key: str, said: str) -> None:
    name = line.partition(" =")[0]
    kept = [old for old in DEMO.splitlines() if not old.startswith(f"{name} =")]
    faults = faults_of(write("\n".join([*kept, line])))
    assert any(fault.startswith(f"closewright.toml: shops.demo.{key}: {said}") for fault in faults), faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[store]\nurl = 'mysql://x'", 'store.url: must begin with "sqlite:" or "postgresql+psycopg:"'),
        ("[stor]\n", "stor: there is no such key; did you mean 'store'?"),
        ("store = 3", "store: must be a table"),
        ("shops = 3", "shops: must be a table"),
        ("[shops]\ndemo = 3", "shops.demo: must be a table"),
        ("[browser]\nheaded = 'maybe'", "browser.headed: must be true or false"),
        ("[browser]\nchannel = 'chrome'\nexecutable = '.'", "browser.executable: there is no file "),
        (
            DEMO.replace("demo]", "'de mo']"),
            "shops.de mo: a shop's name must be 1 to 40 letters, digits, - or single _, and not begin with -",
        ),
        (DEMO + DEMO.replace("demo]", "Demo]"), "shops: the names 'demo' and 'Demo' differ only in capitals"),
        (
            DEMO + DEMO.replace("demo]", "other]").replace("127.0.0.1", "localhost"),
            "shops: 'demo' and 'other' are one account of mock_workbench at two addresses, and their orders could not",
        ),
        ("x = ", "is not TOML: Invalid value (at end of document)"),
    ],
)
def test_each_wrong_table_is_told_with_the_file(write: Write, text: str, fault: str) -> None:
    (found,) = faults_of(write(text))
    assert found.startswith(f"closewright.toml: {fault}")


def test_only_one_browser_can_be_chosen(write: Write) -> None:
    write("[browser]\nchannel = 'chrome'\nexecutable = 'closewright.toml'")
    assert faults_of(None) == ["closewright.toml: browser: has both executable and channel: keep one"]


def test_all_faults_are_told_at_once_and_no_value_of_a_secret(write: Write) -> None:
    text = '[store]\nurl = "postgresql://u:hunter3@h/x"\n[shops.demo]\nportal = 5\nrole = "x"\npassword = "hunter2"\n'
    assert faults_of(write(text)) == [
        f"closewright.toml: store.url: {IN_URL}",
        "closewright.toml: shops.demo.portal: must be a string in quotes",
        "closewright.toml: shops.demo.role: must be 'seller' or 'purchaser'",
        "closewright.toml: shops.demo.username: is missing: add it to [shops.demo]",
        f"closewright.toml: shops.demo.password: {SECRET}",
    ]


def test_a_misplaced_secret_is_in_no_part_of_the_error(write: Write) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(DEMO.replace("env:DEMO_PASSWORD", "hunter2")))
    assert "hunter2" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_missing_file_is_answered_with_the_place_and_an_example_that_works(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    (fault,) = faults_of(path)
    assert fault == f"{path}: no such file; looked for {path}. A small one to begin with:\n\n{EXAMPLE}"
    path.write_text(EXAMPLE, encoding="utf-8")
    assert isinstance(load(path), Settings)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gb.toml"
    path.write_bytes("# 店铺".encode("gb18030"))
    assert faults_of(path) == [f"{path}: is not UTF-8: save it again as UTF-8"]


# --- Secrets


class Drawer(KeyringBackend):
    """A keyring in memory, as another backend of the keyring library."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is kept."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""
        del self.kept[service, username]

    def get_credential(self, service: str, username: str | None) -> Any:
        """Return the named credential, or the only one of a service."""
        names = [user for kept, user in self.kept if kept == service]
        name = username or (names[0] if len(names) == 1 else None)
        found = self.kept.get((service, name)) if name else None
        return keyring.credentials.SimpleCredential(name, found) if name and found else None


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    before = keyring.get_keyring()
    drawer = Drawer()
    keyring.set_keyring(drawer)
    yield drawer
    keyring.set_keyring(before)


def test_a_secret_is_read_from_its_variable_or_keyring(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "one two")
    drawer.set_password("closewright", "seller/1", "三")
    assert resolve_secret("env:SHOP_PASSWORD") == "one two"
    assert resolve_secret("keyring:closewright/seller/1") == "三"
    assert resolve_secret("keyring:closewright") == "三"


@pytest.mark.parametrize(
    ("ref", "fault"),
    [
        ("env:NOT_SET_ANYWHERE", "the environment variable NOT_SET_ANYWHERE is not set: set it to the secret"),
        ("env:EMPTY", "the environment variable EMPTY is not set: set it to the secret"),
        ("keyring:shop/seller", "keyring:shop/seller: nothing is there: run `keyring set shop seller`"),
        ("keyring:shop", "keyring:shop: nothing is there: run `keyring set shop USER`"),
        ("hunter2", 'a secret must be given as "env:NAME" or "keyring:SERVICE/USER"'),
    ],
)
@pytest.mark.usefixtures("drawer")
def test_a_secret_that_is_not_there_is_named_by_its_place(
    monkeypatch: pytest.MonkeyPatch, ref: str, fault: str
) -> None:
    monkeypatch.setenv("EMPTY", "")
    with pytest.raises(ConfigError) as caught:
        resolve_secret(ref)
    assert caught.value.faults == (fault,)


@pytest.mark.usefixtures("drawer")
def test_a_system_without_a_keyring_is_said_to_have_none() -> None:
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    with pytest.raises(ConfigError, match="keyring:shop/x: the keyring of this system cannot be used"):
        resolve_secret("keyring:shop/x")


def test_settings_can_be_read_without_browser_database_or_keyring() -> None:
    heavy = "{'playwright', 'sqlalchemy', 'keyring', 'loguru', 'python_calamine'}"
    code = f"import sys, agent.settings; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "set()"


def test_thresholds_of_advice_can_be_set_by_file_and_variable(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSEWRIGHT_ADVICE__STOCK_OUTS", "4")
    advice = load(write(f'{DEMO}[advice]\nunpaid_timeouts = 7\nremind_after = "6h"\n')).advice
    assert (advice.product_info_errors, advice.unpaid_timeouts, advice.stock_outs) == (3, 7, 4)
    assert advice.remind_after == timedelta(hours=6)
    assert faults_of(write(f"{DEMO}[advice]\nproduct_info_errors = 0\n"))


# --- What is told of a stock


SETS = 'aftercare = { stock = "set" }\n'


def test_the_books_of_a_shop_are_told_by_one_of_two_ways(write: Write, tmp_path: Path) -> None:
    assert not load(write(DEMO)).shop("demo").stock.is_wanted
    named = load(write(DEMO + SETS + 'stock = { webhook = "env:ERP", secret = "env:ERP_SECRET" }\n')).shop("demo").stock
    assert named.is_wanted
    (tmp_path / "erp").mkdir()
    assert load(write(DEMO + SETS + 'stock = { drop = "erp" }\n')).shop("demo").stock.drop == tmp_path / "erp"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (SETS + 'stock = { webhook = "env:ERP" }', "webhook and secret go together"),
        (SETS + 'stock = { secret = "env:ERP" }', "webhook and secret go together"),
        (SETS + 'stock = { webhook = "https://erp.example.com", secret = "env:ERP" }', "must say where the secret is"),
        (SETS + 'stock = { webhook = "env:A", secret = "hunter2" }', "must say where the secret is"),
        (SETS + 'stock = { webhook = "env:A", secret = "env:B", drop = "." }', "has both webhook and drop"),
        (SETS + 'stock = { drop = "nowhere" }', "there is no folder"),
        (SETS + 'stock = { drop = ".", drop_as = "xml" }', "'json' or 'csv'"),
        (SETS + 'stock = { webhook = "env:A", secret = "env:B", drop_as = "csv" }', "which is missing"),
        (SETS + 'stock = { mail = "a@b" }', "there is no such key"),
        ('stock = { webhook = "env:A", secret = "env:B" }', "it goes with aftercare.stock"),
        ('aftercare = { stock = "always" }', "off"),
    ],
)
def test_books_that_cannot_be_told_are_named_at_start(write: Write, lines: str, said: str) -> None:
    faults = faults_of(write(f"{DEMO}{lines}\n"))
    assert len(faults) == 1
    assert said in faults[0]
    assert "hunter2" not in faults[0]


@pytest.mark.parametrize("held", ["erp.example.com", "ftp://erp.example.com", "https://", "https://[", "http://a:0"])
def test_an_address_of_the_books_has_to_be_one(monkeypatch: pytest.MonkeyPatch, held: str) -> None:
    monkeypatch.setenv("ERP", held)
    with pytest.raises(ConfigError, match="env:ERP holds no address"):
        web_address("env:ERP")
    monkeypatch.setenv("ERP", "https://erp.example.com:8443/stock?token=x")
    assert web_address("env:ERP") == "https://erp.example.com:8443/stock?token=x"
