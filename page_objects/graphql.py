"""What a GraphQL request is, told by its document: its kind, its root field, and the arguments that are in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from graphql import GraphQLError, OperationType, parse
from graphql.language import (
    ArgumentNode,
    BooleanValueNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

_NAMES = frozenset({"query", "variables", "operationName"})
# What some servers take from the address instead of the body, and go by.
_IN_ADDRESS = frozenset(
    {"query", "mutation", "variables", "operationname", "extensions", "id", "documentid", "queryid"}
)
_TYPE = "application/json"
_CHARSETS = frozenset({"", "charset=utf-8", 'charset="utf-8"'})
_MOST_CHARACTERS = 100_000
_MOST_TOKENS = 20_000
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Operation:
    """The one operation of a request.

    Attributes:
        kind: ``query``, ``mutation`` or ``subscription``.
        roots: the names of its root fields; None where not all of them stand there plainly, under their own names.
        arguments: of a mutation's root field, with the values of variables filled in.
    """

    kind: str
    roots: tuple[str, ...] | None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return what to call it in a sentence."""
        return f"{self.kind} {' '.join(self.roots)}" if self.roots else self.kind


def operation_of(data: Mapping[str, Any], address: str, content_type: str) -> Operation:
    """Return the operation of a request, from the body's JSON object, its address and its content type.

    Raises:
        ValueError: it can be read in more than one way, or does more than one thing.
    """
    _check_envelope(data, address, content_type)
    document, variables, name = data.get("query"), data.get("variables"), data.get("operationName")
    if not isinstance(document, str) or not isinstance(variables, Mapping | None):
        raise ValueError("the body is not a GraphQL document with its variables")
    operation = _the_only_operation(_parsed(document))
    named = operation.name.value if operation.name is not None else None
    if name not in (None, named):
        raise ValueError(f"operationName is {name!r}, but the document's operation is {named or 'without a name'}")
    if operation.operation is not OperationType.MUTATION:
        return Operation(operation.operation.value, _plain_names(operation.selection_set.selections))
    root = _the_only_root(operation)
    values = _variables(operation, variables or _NOTHING)
    return Operation("mutation", (root.name.value,), _arguments(root.arguments or (), values))


def _check_envelope(data: Mapping[str, Any], address: str, content_type: str) -> None:
    called, _, parameters = content_type.lower().partition(";")
    if called.strip() != _TYPE or parameters.strip() not in _CHARSETS:
        raise ValueError(f"the body calls itself {content_type or 'nothing'}, not {_TYPE}")
    other = sorted(set(data) - _NAMES)
    if other:
        raise ValueError(f"the body holds {', '.join(other)} beside a GraphQL document")
    named = {name.lower() for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True)}
    # ``variables[id]`` and ``variables.id`` are one field of ``variables``
    asked = sorted(name for name in named if name.replace("[", ".").partition(".")[0] in _IN_ADDRESS)
    if asked:
        raise ValueError(f"the address holds {', '.join(asked)}, by which a server may go instead of the body")


@lru_cache(maxsize=256)
def _parsed(document: str) -> DocumentNode:
    """Return a parsed document; a page sends the same few again and again."""
    try:
        return parse(
            document,
            no_location=True,
            max_source_length=_MOST_CHARACTERS,
            max_tokens=_MOST_TOKENS,
            allow_empty_selection_sets=False,
        )
    except GraphQLError as fault:
        raise ValueError(f"the GraphQL document does not parse: {fault.message}") from fault
    except RecursionError as fault:
        raise ValueError("the GraphQL document is nested too deeply") from fault


def _the_only_operation(document: DocumentNode) -> OperationDefinitionNode:
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    fragments = [each for each in document.definitions if isinstance(each, FragmentDefinitionNode)]
    if len(operations) + len(fragments) != len(document.definitions):
        raise ValueError("the GraphQL document defines more than an operation and fragments")
    if len(operations) != 1:
        raise ValueError(f"the GraphQL document holds {len(operations)} operations, not one")
    if any(each.type_condition.name.value == "Mutation" for each in fragments):
        raise ValueError("the GraphQL document holds a fragment of a mutation")
    return operations[0]


def _the_only_root(operation: OperationDefinitionNode) -> FieldNode:
    """Return the root field of a mutation, which says what is changed, once, always, and under its own name."""
    selections = operation.selection_set.selections
    root = selections[0]
    if len(selections) != 1 or not isinstance(root, FieldNode):
        raise ValueError("a mutation has one root field that stands in it by itself; this one has not")
    if root.alias is not None:
        raise ValueError(f"root field {root.name.value} goes under another name ({root.alias.value})")
    if root.directives or operation.directives:
        raise ValueError(f"root field {root.name.value} has a directive, so it may be done otherwise or not at all")
    return root


def _plain_names(selections: Sequence[SelectionNode]) -> tuple[str, ...] | None:
    names = [
        each.name.value
        for each in selections
        if isinstance(each, FieldNode) and each.alias is None and not each.directives
    ]
    return tuple(names) if len(names) == len(selections) else None


def _variables(operation: OperationDefinitionNode, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of the declared variables; one with a value of its own could stand for two."""
    declared = [each.variable.name.value for each in operation.variable_definitions or ()]
    _check_once(declared, "variable")
    owned = [each for each in operation.variable_definitions or () if each.default_value or each.directives]
    if owned:
        raise ValueError(f"variable {owned[0].variable.name.value} of a mutation has a default or a directive")
    return {name: given[name] for name in declared if name in given} | {
        name: None for name in declared if name not in given
    }


def _arguments(nodes: Sequence[ArgumentNode | ObjectFieldNode], values: Mapping[str, Any]) -> Mapping[str, Any]:
    _check_once([node.name.value for node in nodes], "argument")
    return {node.name.value: _value(node.value, values) for node in nodes}


def _value(node: ValueNode, values: Mapping[str, Any]) -> Any:
    match node:
        case VariableNode():
            if node.name.value not in values:
                raise ValueError(f"variable {node.name.value} is used and not declared")
            return values[node.name.value]
        case ListValueNode():
            return [_value(each, values) for each in node.values]
        case ObjectValueNode():
            return _arguments(node.fields, values)
        case NullValueNode():
            return None
        case IntValueNode() | FloatValueNode() | StringValueNode() | BooleanValueNode() | EnumValueNode():
            return node.value
        case _:
            raise ValueError(f"a {node.kind} is no value")


def _check_once(names: Sequence[str], what: str) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{what} {twice!r} is given twice")
