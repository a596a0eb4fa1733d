"""The pages for operators: in both languages alike, and with the pictures that are there."""

import re
from pathlib import Path

import pytest

from agent.settings import load

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
IMAGES = DOCS / "images"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
# What is done around the click, a page each; the quickstart's sister is the README.
ROWS = ("consent", "rules", "aftercare", "notices", "stock", "reports", "reviews", "tickets", "people", "shipped")
CHINESE = sorted({f"{row}.zh.md" for row in ROWS} | {page.name for page in DOCS.glob("*.zh.md")} - {"quickstart.zh.md"})
_MOST_BYTES = 2_500_000
_HEADING = re.compile(r"^(#+) ", re.MULTILINE)
_CODE = re.compile(r"^\s*```.*?^\s*```", re.MULTILINE | re.DOTALL)
_SETTINGS = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SHOP = '[shops.demo]\nportal = "mock_classic"\nrole = "seller"\nusername = "seller"\npassword = "env:DEMO"\n'
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)")


def links(page: Path) -> list[Path]:
    """Return the files that a page links to, or shows."""
    found = _LINK.findall(_CODE.sub("", page.read_text("utf-8")))
    return [(page.parent / each).resolve() for each in found if "://" not in each]


def headings(page: Path) -> list[int]:
    return [len(marks) for marks in _HEADING.findall(_CODE.sub("", page.read_text("utf-8")))]


def pictures(page: Path) -> list[str]:
    """Return the pictures of a page, without the language that each shows."""
    shown = [each.name for each in links(page) if each.parent == IMAGES]
    return [re.sub(r"-(en|zh)(?=\.)", "", name) for name in shown]


@pytest.mark.parametrize("name", CHINESE)
def test_a_page_for_operators_is_the_same_in_chinese(name: str) -> None:
    chinese, english = DOCS / name, DOCS / name.replace(".zh.md", ".md")
    assert headings(chinese) == headings(english)
    assert pictures(chinese) == pictures(english)
    assert english in links(chinese)
    assert chinese in links(english)
    assert not [each.name for each in links(chinese) if each.name.endswith(("-en.png", "-en.jpg"))]
    assert not [each.name for each in links(english) if each.name.endswith(("-zh.png", "-zh.jpg"))]


@pytest.mark.parametrize("row", ROWS)
def test_each_row_of_the_work_has_a_picture_and_is_in_the_readme(row: str) -> None:
    assert pictures(DOCS / f"{row}.md")
    assert {DOCS / f"{row}.md", DOCS / f"{row}.zh.md"} <= set(links(ROOT / "README.md"))


def test_every_picture_is_shown_and_every_shown_picture_is_there() -> None:
    shown = {each for page in PAGES for each in links(page) if each.parent == IMAGES}
    assert shown == set(IMAGES.iterdir())
    assert sum(each.stat().st_size for each in shown) < _MOST_BYTES, "a clone should stay small"


def test_every_link_between_pages_leads_somewhere() -> None:
    assert [f"{page.name}: {each}" for page in PAGES for each in links(page) if not each.exists()] == []


@pytest.mark.parametrize("name", [*(f"{row}.md" for row in ROWS), *CHINESE])
def test_the_settings_that_a_page_shows_are_taken(name: str, tmp_path: Path) -> None:
    (tmp_path / "buyers.csv").write_text("order_id,email\n", encoding="utf-8")
    for number, shown in enumerate(_SETTINGS.findall((DOCS / name).read_text("utf-8"))):
        shop = _SHOP if "aftercare =" in shown else f'{_SHOP}aftercare = {{ stock = "set" }}\n'  # which [stock] wants
        whole = shown.replace("[shops.demo]\n", shop) if "[shops.demo]\n" in shown else shop + shown
        path = tmp_path / f"{number}.toml"
        path.write_text(whole, encoding="utf-8")
        assert load(path).shop("demo").username == "seller"
