"""From targets of a profile to locators, and the one way in which texts are normalised."""

import re
from collections.abc import Iterable
from functools import reduce

from playwright.async_api import Frame, Locator, Page

from page_objects.profile import AMOUNT_IN_NAME, Target

Scope = Page | Frame | Locator

# White space, private-use glyphs (icon fonts) and zero-width characters carry no meaning in a label.
_NOISE = r"[\s\ue000-\uf8ff\u200b-\u200d\u2060\ufeff]"
_NOISE_RUN = re.compile(f"{_NOISE}+")
# Figures with a mark before or behind them, if any.
ANY_AMOUNT = r"[^\d\s]{0,5}\s*\d[\d,.]*\s*[^\d\s]{0,5}"
_DIGIT_RUN = re.compile(r"(?<!\d)\d{15,20}(?!\d)", re.ASCII)


def normalised(text: str) -> str:
    """Return a text with noise at its ends removed and inner runs of it as one space."""
    return _NOISE_RUN.sub(" ", text).strip()


def label_of(text: str) -> str:
    """Return a normalised label without the colon that may end it."""
    return normalised(text).rstrip("：:").rstrip()


def same_label(text: str) -> str:
    """Return a label as it is compared: a style sheet may show it in capitals that its page writes otherwise."""
    return label_of(text).casefold()


def order_ids_in(text: str) -> frozenset[str]:
    """Return every whole run of 15 to 20 digits in a text."""
    return frozenset(_DIGIT_RUN.findall(text))


def whole(names: Iterable[str], amount: str = ANY_AMOUNT) -> re.Pattern[str]:
    """Return a pattern that one of the names, and nothing else, matches; noise around and inside it is ignored.

    ``amount`` is the pattern of what ``{amount}`` in a name stands for.
    """
    # A slash would end the pattern where Playwright writes it out between slashes.
    words = (_gap().join(re.escape(part).replace("/", r"\/") for part in name.split()) for name in names)
    # A style sheet may show a name in capitals that its page writes otherwise.
    pattern = "|".join(words).replace(re.escape(AMOUNT_IN_NAME), amount)
    return re.compile(f"^{_NOISE}*(?:{pattern}){_NOISE}*$", re.IGNORECASE)


def _gap() -> str:
    return f"{_NOISE}+"


def locate(scope: Scope, target: Target, *, hidden: bool = False, amount: str = ANY_AMOUNT) -> Locator:
    """Return the locator of a target inside ``scope``; invisible matches do not count unless ``hidden``."""
    if target.within is not None:
        scope = locate(scope, target.within)
    found = _by(scope, target, amount)
    if target.has is not None:
        page = scope.page if isinstance(scope, Locator) else scope
        found = found.filter(has=locate(page, target.has))
    return found if hidden or target.hidden else found.filter(visible=True)


def _by(scope: Scope, target: Target, amount: str) -> Locator:
    if target.role is not None:
        name = whole(target.name, amount) if target.name else None
        return scope.get_by_role(target.role, name=name)  # type: ignore[arg-type]  # a profile's role is any text
    if target.label:
        return scope.get_by_label(whole(target.label))
    if target.placeholder:
        return scope.get_by_placeholder(whole(target.placeholder))
    if target.text:
        return scope.get_by_text(whole(target.text))
    if target.beside:
        return scope.locator(_beside(target.beside))
    if target.test_id is not None:
        return scope.get_by_test_id(target.test_id)
    return scope.locator(target.css or "")


def _beside(labels: Iterable[str]) -> str:
    """Return a selector for what follows an element whose whole text is one of the labels, with or without colon."""
    exact = [f':text-is("{label}{colon}")' for label in labels for colon in ("", "：", ":")]
    return f":is({', '.join(exact)}) + *"


def any_of(scope: Scope, targets: Iterable[Target]) -> Locator | None:
    """Return one locator that matches whatever any of the targets matches, or None for no targets."""
    found = [locate(scope, target) for target in targets]
    return reduce(lambda one, other: one.or_(other), found) if found else None


def described(target: Target) -> str:
    """Return a target in words, for errors that a person reads."""
    names = "/".join(target.name or target.label or target.placeholder or target.text or target.beside)
    kind = target.role or ("css " + target.css if target.css else target.test_id or "text")
    return f"{kind} {names}".strip()
