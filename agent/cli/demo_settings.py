"""The demo's settings file: two accounts on one mock portal, and waits of a second instead of hours."""

import json
from pathlib import Path

from agent.cli.options import Skin

PASSWORD_VARIABLE = "CLOSEWRIGHT_DEMO_PASSWORD"  # noqa: S105 - the name of a variable, not a password

_STORE = """\
# Written by 'closewright demo'. The portal of that demo is gone; to look around, start one at the same address
# with 'closewright mock-portal', and set the variable {variable} to demo.
[store]
url = "sqlite:///closewright.db"
evidence = "evidence"
signing_key = "signing.key"

[doctor]
before_batch = "off"  # the portal of a demo does not change

[browser]
headed = {headed}
"""

_SHOP = """
[shops.{name}]
portal = "mock_{skin}"
base_url = {url}
role = "{role}"
username = "{role}"
password = "env:{variable}"
wait_s = 6
limits = {{ orders_per_run = 2000, orders_per_day = 5000, amount_per_order = "5000.00", \
amount_per_day = "2000000.00", approve_above = "1000.00" }}
waits = {{ consent = "2s", refund = "1s", counterparty = "1s", platform = "2s", settle = "1s", retry = "1s", \
return_parcel = "2s", too_new = "1s", approval = "1h", human = "24h" }}
"""


def written_settings(folder: Path, url: str, skin: Skin, *, headed: bool) -> Path:
    """Write the settings of a demo into its folder, and return the file."""
    path = folder / "closewright.toml"
    text = _STORE.format(variable=PASSWORD_VARIABLE, headed="true" if headed else "false")
    for name, role in (("demo", "seller"), ("demo-purchaser", "purchaser")):
        text += _SHOP.format(name=name, role=role, skin=skin.value, url=json.dumps(url), variable=PASSWORD_VARIABLE)
    path.write_text(text, encoding="utf-8")
    return path
