"""What says that a page has come: something that stands there once, on each of the pages that it has to tell."""

from collections.abc import Sequence

from playwright.async_api import Frame

from agent.browser.faults import reading
from agent.teaching.proposals import Entry, count

# Headings and named parts first, then what holds the page: all by what cannot change from one order to another.
_FIND = """() => {
  const tidy = (text) => (text || '').replace(/\\s+/g, ' ').trim();
  const steady = (text) => text && text.length < 60 && !/\\d{3,}/.test(text);
  const found = [];
  const ROLES = {h1: 'heading', h2: 'heading', table: 'table', fieldset: 'group', section: 'region'};
  const named = 'h1, h2, table, fieldset, [role=group][aria-label], section[aria-label]';
  for (const node of document.querySelectorAll(named)) {
    const role = ROLES[node.localName] || 'group';
    const inner = node.querySelector(':scope > caption, :scope > legend');
    const name = node.getAttribute('aria-label') || tidy((/^h/.test(node.localName) ? node : inner || {}).textContent);
    if (steady(name)) found.push({role, name});
  }
  const why = 'the pages that may follow have no name in common';
  for (const node of document.querySelectorAll('h1, main, [class*=header], [class*=title], [id*=content]')) {
    const word = (of) => [...of.classList].filter((one) => /^[a-z-]+$/i.test(one))[0];
    const plain = ['h1', 'main'].includes(node.localName) ? node.localName : '';
    const classed = word(node) ? `${node.localName}.${word(node)}` : plain;
    const own = node.id && !/\\d/.test(node.id) ? `#${node.id}` : classed;
    const held = node.parentElement && word(node.parentElement);
    if (own) found.push({css: own, why}, ...(held ? [{css: `.${held} > ${own}`, why}] : []));
  }
  return found;
}"""


async def landmarks(frame: Frame) -> list[Entry]:
    """Return what stands once on a page and could say that it has come."""
    with reading("what a page has"):
        found: Sequence[Entry] = await frame.evaluate(_FIND)
        return [entry for entry in found if await count(frame, entry) == 1]


def common(pages: Sequence[Sequence[Entry]], elsewhere: Sequence[Sequence[Entry]] = ()) -> Entry | None:
    """Return the best of what stands on every page, and not elsewhere; if need be, what stands on one or the other."""
    if not pages:
        return None
    first, *others = pages
    both = [entry for entry in first if all(entry in other for other in others)]
    own = [entry for entry in both if not any(entry in other for other in elsewhere)]
    if own or both:
        return (own or both)[0]
    selectors = [next((entry["css"] for entry in page if "css" in entry), None) for page in pages]
    if not all(selectors):
        return None
    why = "the pages that may follow have nothing else in common"
    return {"css": ", ".join(dict.fromkeys(filter(None, selectors))), "why": why}
