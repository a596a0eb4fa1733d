"""Every text that the source can say to an operator, read from the source: templates with a mark for each gap."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from agent import errors

ROOT = Path(__file__).resolve().parents[2]
GAP = "\ue000"

FOLDERS = ("agent", "page_objects", "scenarios")
# English stays: what an auditor reads of files and chains, and what doctor says of a profile's entries.
LEFT_OUT = (
    *(f"agent/evidence/{name}.py" for name in ("export", "manifest", "masking", "verify")),
    "agent/doctor/",
    "agent/domain/effects.py",  # a mistake of a programmer, which no operator can make
)
FOR_AUTHORS = "page_objects/profile/"  # what it says beside our errors is for those who write a profile

# Which argument of a call is the text, by the name of what is called: the errors, and what passes a text on.
_ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
_CALLED_AT = {
    0: {*_ERRORS, "ValueError", "_fail", "Later", "Finished", "AskPerson"},
    1: {"Wait", "End", "moved_on", "_note", "Opening", "_unless_watched"},
    2: {"Act", "_ended", "ended_as", "given_up", "picture", "keep_stored"},
}
_TEXT_AT = {name: at for at, names in _CALLED_AT.items() for name in names}
_TOUCHED_AT = {"press": 1, "touching": 1, "write": 2, "choose": 2, "attach": 2}  # of hand: what was touched
_PASSES_ON = {
    "str",
    "cut",
    "told",
    "splitlines",
    "partition",
    "chr",
    "Phrase",
    "take",
    "say",
}  # said elsewhere, or in both languages
_TELLERS = {  # functions whose results are told
    "agent/browser/armed.py": {"take"},
    "agent/engine/act.py": {"mismatch"},
    "agent/notify/channels.py": {"fault_of"},
    "agent/settings/faults.py": {"_what"},
    "agent/settings/loading.py": {"_plain_password"},
}
_TOLD_FIELDS = {"_trouble_text"}
_LISTS = {"faults", "_faults"}  # what is added there is told line by line
_ADDED = {"add", "append", "fatal"}
_NOT_SAID = {"bind"}  # a log's facts


@dataclass(frozen=True, slots=True)
class Said:
    """A text as the source writes it; ``text`` has the mark ``GAP`` where something is filled in."""

    where: str
    text: str
    written: str = ""  # the expression

    @property
    def hidden(self) -> bool:
        """Whether it is made in a way that we cannot read, so that words of ours may be in it."""
        return self.text == GAP and any(map(_is_made, ast.walk(ast.parse(self.written))))


def _is_made(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name not in _PASSES_ON
        case ast.BinOp() | ast.JoinedStr() | ast.GeneratorExp() | ast.ListComp() | ast.Dict():
            return True
        case _:
            return False


@cache
def said_in_source() -> tuple[Said, ...]:
    """Return every text of the product's source that an operator may read as why."""
    modules = {path: ast.parse(path.read_text(encoding="utf-8")) for path in _files()}
    functions = {
        node.name: node
        for tree in modules.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    constants = {_dotted(path): _assigned(tree.body) for path, tree in modules.items()}
    return tuple(
        said for path, tree in modules.items() for said in _in_module(path, tree, functions, _imported(tree, constants))
    )


def said_in(source: str) -> tuple[Said, ...]:
    """Return the texts of one piece of source."""
    return tuple(_in_module(ROOT / "a.py", ast.parse(source), {}, {}))


def _files() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not path.relative_to(ROOT).as_posix().startswith(LEFT_OUT):
                yield path


_Functions = dict[str, ast.FunctionDef | ast.AsyncFunctionDef]
_Names = dict[str, list[ast.expr]]


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _imported(tree: ast.Module, constants: dict[str, _Names]) -> _Names:
    """Return what the names are given that a module takes from others of ours."""
    return {
        alias.name: constants[node.module][alias.name]
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module in constants
        for alias in node.names
        if alias.asname is None and alias.name in constants[node.module]
    }


def _in_module(path: Path, tree: ast.Module, functions: _Functions, imported: _Names) -> Iterator[Said]:
    place = path.relative_to(ROOT).as_posix()
    for names, node in _with_names(tree, imported | _assigned(tree.body)):
        reader = _Reader(names, functions)
        for told in _texts_of(node, place):
            for text in reader.read(told):
                yield Said(f"{place}:{told.lineno}", text, ast.unparse(told))


def _with_names(node: ast.AST, names: _Names) -> Iterator[tuple[_Names, ast.AST]]:
    """Yield everything below a node, with what the functions around it have given to names."""
    for child in ast.iter_child_nodes(node):
        inner = (
            names | _assigned(ast.walk(child)) if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else names
        )
        yield inner, child
        yield from _with_names(child, inner)


def _assigned(nodes: Iterable[ast.AST]) -> _Names:
    """Return what each name is given, by assignment or by a loop over a list of literals."""
    found: _Names = {}
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.setdefault(name, []).append(value)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                _pair(found, names, values)
            case ast.For(target=ast.Tuple(elts=names), iter=ast.Name(id=listed)):
                _pair_rows(found, names, found.get(listed, []))
            case ast.For(target=ast.Tuple(elts=names), iter=ast.List() as listed):
                _pair_rows(found, names, [listed])
            case _:
                continue
    return found


def _pair_rows(found: _Names, names: list[ast.expr], lists: list[ast.expr]) -> None:
    for rows in lists:
        for row in rows.elts if isinstance(rows, ast.List) else [rows]:
            if isinstance(row, ast.Tuple):
                _pair(found, names, row.elts)


def _pair(found: _Names, names: list[ast.expr], values: list[ast.expr]) -> None:
    for name, value in zip(names, values, strict=False):
        if isinstance(name, ast.Name):
            found.setdefault(name.id, []).append(value)


def _texts_of(node: ast.AST, place: str) -> Iterator[ast.expr]:
    errors_only = place.startswith(FOR_AUTHORS)
    match node:
        case ast.Call() if not errors_only or _name(node.func) in _ERRORS:
            yield from _texts_of_call(node)
        case ast.Dict(keys=keys, values=values) if not errors_only:
            named = zip(keys, values, strict=True)
            yield from (value for key, value in named if isinstance(key, ast.Constant) and key.value == "why")
        case ast.Assign(targets=[ast.Attribute(attr=field)], value=value) if field in _TOLD_FIELDS:
            yield value
        case ast.FunctionDef() if node.name in _TELLERS.get(place, ()):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield from _each(inner.value)
        case _:
            return


def _texts_of_call(call: ast.Call) -> Iterator[ast.expr]:
    name = _name(call.func)
    if name in _NOT_SAID:
        return
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "why")
    of = _name(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    at = 0 if of in _LISTS and name in _ADDED else _TOUCHED_AT.get(name) if of == "hand" else _TEXT_AT.get(name)
    if at is not None and len(call.args) > at:
        yield from _each(call.args[at])


def _each(text: ast.expr) -> list[ast.expr]:
    """Return the lines of a list, or the one text."""
    match text:
        case ast.List(elts=lines):
            return [line for line in lines if not isinstance(line, ast.Starred)]
        case ast.ListComp(elt=line):
            return [line]
        case ast.IfExp(body=one, orelse=other):
            return _each(one) + _each(other)
        case _:
            return [text]


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


class _Reader:
    """Reads an expression as the texts that it may give; what cannot be read is a gap."""

    def __init__(self, names: _Names, functions: _Functions) -> None:
        self._names = names
        self._functions = functions
        self._open: set[str] = set()

    def read(self, node: ast.expr) -> list[str]:
        return list(dict.fromkeys(self._read(node)))

    def _read(self, node: ast.expr) -> list[str]:
        match node:
            case ast.Constant(value=str() as text):
                return [text]
            case ast.JoinedStr(values=parts):
                return self._joined(parts)
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return self._worded(value)
            case ast.IfExp(body=one, orelse=other):
                return self._read(one) + self._read(other)
            case ast.BoolOp(values=values):
                return [text for value in values for text in self._read(value)]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._joined([left, right])
            case ast.Name(id=name) if name in self._names and name not in self._open:
                # What goes over several lines is an example to copy, not a sentence.
                return [GAP if "\n" in text else text for text in self._named(name)]
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=""), attr="join"), args=[ast.GeneratorExp(elt=one)]
            ):
                return ["", *self._read(one)]
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name)) if (
                name in self._functions and name not in self._open
            ):
                return self._returned(name)
            case _:
                return [GAP]

    def _joined(self, parts: list[ast.expr]) -> list[str]:
        several = product(*(self._read(part) for part in parts))
        return [_one_gap("".join(texts)) for texts in several]

    def _worded(self, value: ast.expr) -> list[str]:
        """Return what is filled in as texts where words are among them, else as one gap."""
        texts = self._read(value)
        return texts if any(char.isalpha() for text in texts for char in text.replace(GAP, "")) else [GAP]

    def _named(self, name: str) -> list[str]:
        self._open.add(name)
        texts = [text for value in self._names[name] for text in self._read(value)]
        self._open.discard(name)
        return texts

    def _returned(self, name: str) -> list[str]:
        """Return what a function of ours says: the texts that it returns."""
        function = self._functions[name]
        inside = _Reader(self._names | _assigned(ast.walk(function)), self._functions)
        inside._open = self._open | {name}
        returns = (node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None)
        return [text for value in returns for text in inside.read(value)] or [GAP]


def _one_gap(text: str) -> str:
    while GAP * 2 in text:
        text = text.replace(GAP * 2, GAP)
    return text
