"""One live run for each account: held where the intents are kept, and let go of with its holder."""

import pytest

from agent.errors import ShopBusy
from agent.store.database import Database


def test_an_account_is_held_by_one_and_free_again_after(url: str, backend: str) -> None:
    if backend == "sqlite_memory":  # nobody else can open that database
        return
    first, second = Database.open(url), Database.open(url)
    with first.hold_shop("p", "a"), second.hold_shop("p", "other"), pytest.raises(ShopBusy, match="a on p"):
        second.hold_shop("p", "a").__enter__()
    with second.hold_shop("p", "a"):
        first.close()
    second.close()
