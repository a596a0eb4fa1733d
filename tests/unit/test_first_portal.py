"""The page that teaches how to write a profile leads to one that works."""

import re
from pathlib import Path

from agent.domain.acts import ActKind
from page_objects.gaps import gaps_of
from page_objects.loader import load_profile, parse_profile

PAGE = Path(__file__).resolve().parents[2] / "docs" / "first-portal.md"


def test_its_blocks_together_are_a_profile_that_closes_orders() -> None:
    settings, *blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert settings.startswith("# closewright.toml")
    loaded = parse_profile("\n".join(blocks).encode(), origin="lantern", name="lantern")
    whole, acts = gaps_of(loaded)
    assert not [gap for gap in whole if gap.stops]
    assert [one.act for one in acts if one.works] == [ActKind.CLOSE]
    bundled = load_profile("oscar").profile
    assert loaded.profile.words == bundled.words
    assert loaded.profile.requests["close"] == bundled.requests["close"]
