"""What a person reads in elements: open shadow roots and slots are part of it, what is not shown is not."""

from playwright.async_api import Locator

# `innerText` stops at shadow roots, though the texts of web components stand in them; where there are none, it is used.
_READ = """(elements, fields) => {
  const parts = (node) => {
    if (node.shadowRoot) return node.shadowRoot.childNodes;
    return node.localName === 'slot' && node.assignedNodes().length ? node.assignedNodes() : node.childNodes;
  };
  const isComposed = (element) => [element, ...element.querySelectorAll('*')]
    .some((one) => one.shadowRoot || one.localName === 'slot');
  const walk = (node, parent, out) => {
    if (node.nodeType === Node.TEXT_NODE && parent.visibility === 'visible') {
      out.push(parent.whiteSpace.startsWith('pre') ? node.data : node.data.replace(/\\s+/g, ' '));
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const style = getComputedStyle(node);
    if (style.display === 'none') return;
    const edge = /^(inline|contents|ruby)/.test(style.display) && node.localName !== 'br' ? '' : '\\n';
    out.push(edge);
    if (style.display !== 'contents' && !isComposed(node)) out.push(node.innerText ?? '');
    else for (const part of parts(node)) walk(part, style, out);
    out.push(edge);
  };
  const read = (element) => {
    if (fields && element.matches('input, textarea, select')) return element.value;
    if (!isComposed(element)) return element.innerText ?? '';
    const out = [];
    walk(element, null, out);
    return out.join('').split('\\n').map((line) => line.trim()).filter(Boolean).join('\\n');
  };
  return elements.map(read);
}"""


async def shown_texts(found: Locator) -> list[str]:
    """Return the text of everything that a locator matches now."""
    return [str(text) for text in await found.evaluate_all(_READ, arg=False)]


async def shown_values(found: Locator) -> list[str]:
    """Return the value of each field, and the text of anything else, that a locator matches now."""
    return [str(text) for text in await found.evaluate_all(_READ, arg=True)]
