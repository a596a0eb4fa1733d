"""Accessibility trees without what changes from day to day: another day with other orders gives the same tree."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

# What repeats once for each order, message or choice: its shape is kept once, and its own texts are not.
_REPEATED = frozenset({"row", "listitem", "article", "option"})
# Roles whose names a page's author writes; other names are made of what the element holds.
_NAMED = frozenset(
    {
        "alertdialog", "banner", "button", "checkbox", "columnheader", "combobox", "contentinfo", "dialog", "form",
        "group", "heading", "img", "link", "list", "listbox", "main", "menu", "menuitem", "navigation", "progressbar",
        "radio", "radiogroup", "region", "rowgroup", "search", "searchbox", "spinbutton", "switch", "tab", "table",
        "tablist", "tabpanel", "term", "textbox", "toolbar",
    }
)  # fmt: skip
_PRESSED = frozenset({"button", "checkbox", "combobox", "radio", "searchbox", "switch", "tab", "textbox"})
_FLEETING = re.compile(r"(?:active|selected|checked|expanded|pressed|ref=|cursor=)")
_LINE = re.compile(
    r'(?P<role>/?[\w-]+)(?: "(?P<name>(?:[^"\\]|\\.)*)")?(?P<marks>(?: \[[^\]]*\])*)(?::(?: (?P<text>.*))?)?'
)
_NUMBERS = re.compile(r"[¥￥$€]?\s?\d[\d.,:/\- ]*\d|\d")
_LONGEST = 60
_SOMETHING = "…"


@dataclass(slots=True)
class _Node:
    role: str
    name: str = ""
    text: str = ""
    marks: tuple[str, ...] = ()
    inside: list["_Node"] = field(default_factory=list)

    @property
    def line(self) -> str:
        named = f' "{self.name}"' if self.name else ""
        marks = "".join(f" [{mark}]" for mark in self.marks)
        return f"- {self.role}{named}{marks}" + (f": {self.text}" if self.text else "")


class Plain:
    """Takes out of a text what is private, what counts, and what the word tables already understand."""

    def __init__(self, words: Mapping[str, str], labels: Collection[str], cut: Callable[[str], str]) -> None:
        """Take the axis of each text of the word tables, texts that the profile names, and what cuts private ones."""
        self._words = words
        self._labels = frozenset(labels)
        self._cut = cut

    def known(self, text: str) -> str | None:
        """Return what stands for a text that the profile knows: the text itself, or the axis that it is a word of."""
        bare = " ".join(text.split())
        if bare.rstrip("：:").rstrip() in self._labels:
            return bare
        axis = self._words.get(bare)
        return None if axis is None else f"<{axis}>"

    def written(self, text: str) -> str:
        """Return a text that an author of the page wrote, without numbers and private parts."""
        bare = " ".join(text.split())
        known = self.known(bare)
        if known is not None:
            return known
        without = _NUMBERS.sub("#", self._cut(bare))
        return without if len(without) <= _LONGEST else without[:_LONGEST] + _SOMETHING


def normalised_tree(snapshot: str, plain: Plain) -> tuple[str, ...]:
    """Return the lines of an accessibility snapshot as they are on any day."""
    root = _Node("page", inside=_parsed(snapshot.splitlines()))
    return tuple(_lines(_shape(root, plain, repeated=False).inside, 0))


def _parsed(lines: Iterable[str]) -> list[_Node]:
    top: list[_Node] = []
    open_at: list[tuple[int, list[_Node]]] = [(-1, top)]
    for line in lines:
        bare = line.lstrip()
        if not bare.startswith("- "):
            continue
        node = _node(bare[2:])
        if node is None:
            continue
        depth = len(line) - len(bare)
        while open_at[-1][0] >= depth:
            open_at.pop()
        open_at[-1][1].append(node)
        open_at.append((depth, node.inside))
    return top


def _node(said: str) -> _Node | None:
    if said.startswith("'"):  # YAML quotes a line in which something would be read as a mark of its own
        said = said[1:].replace("''", "'").replace("':", ":", 1).removesuffix("'")
    found = _LINE.fullmatch(said)
    if found is None:
        return _Node("text", text=said)
    if found["role"].startswith("/"):
        return None
    name = re.sub(r"\\(.)", r"\1", found["name"] or "")
    marks = tuple(mark for mark in re.findall(r"\[([^\]]*)\]", found["marks"]) if not _FLEETING.match(mark))
    return _Node(found["role"], name, (found["text"] or "").strip('"'), marks)


def _shape(node: _Node, plain: Plain, *, repeated: bool) -> _Node:
    shaped = _Node(node.role, _name(node, plain, repeated=repeated), _text(node, plain, repeated=repeated), node.marks)
    inner = repeated or node.role in _REPEATED
    children = [_shape(child, plain, repeated=inner) for child in node.inside]
    if inner:
        children = [child for child in children if not _is_content(child)]
    shaped.inside = _merged(children, in_order=not inner)
    return shaped


def _name(node: _Node, plain: Plain, *, repeated: bool) -> str:
    if not node.name:
        return ""
    if node.role not in _NAMED or (repeated and node.role not in _PRESSED):
        return plain.known(node.name) or ""
    return plain.written(node.name)


def _text(node: _Node, plain: Plain, *, repeated: bool) -> str:
    if not node.text or node.role in _PRESSED - {"button"}:  # what stands in a field is a value
        return ""
    known = plain.known(node.text)
    return known or ("" if repeated else _SOMETHING)


def _is_content(node: _Node) -> bool:
    """Return whether a part of something repeated is only what it says of this order, message or choice."""
    says = node.name.startswith("<") or node.text.startswith("<")
    plain = node.role not in _NAMED
    return not node.inside and ((plain and not node.name and not node.text) or says)


def _merged(nodes: list[_Node], *, in_order: bool) -> list[_Node]:
    """Return siblings with those of one shape as one, and with all repeated ones of a role as one."""
    kept: dict[tuple[str, ...], _Node] = {}
    for node in nodes:
        key = (node.role,) if node.role in _REPEATED else tuple(_lines([node], 0))
        if key in kept and node.role in _REPEATED:
            kept[key].inside = _merged([*kept[key].inside, *node.inside], in_order=False)
            if kept[key].name != node.name:
                kept[key].name = ""
        kept.setdefault(key, node)
    merged = list(kept.values())
    return merged if in_order else sorted(merged, key=lambda node: tuple(_lines([node], 0)))


def _lines(nodes: Iterable[_Node], depth: int) -> Iterator[str]:
    for node in nodes:
        yield "  " * depth + node.line
        yield from _lines(node.inside, depth + 1)
