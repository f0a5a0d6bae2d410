"""Which catalogue keys the code uses, read from its syntax trees without importing any of it.

* A key stands in `Phrase("…")`, in `button(verb, "…")`, in `.text("…", language)`, or in a constant tuple, or as
  what a constant mapping leads to, whose name ends in `_KEYS`.
* Keys made from an enum are `prefix.value`: the enums are named in `ENUMS`, and a value added there needs its text.
* Any other key that is put together at run time is a problem, since nobody could say whether its text exists.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOMS = ("bot", "conversations", "scheduler", "storage")
ENUMS = (
    ("conversations/reading/result.py", "Unreadable", "unreadable"),
    ("conversations/errors.py", "Rejection", "rejected"),
    ("conversations/answers.py", "Period", "period"),
)
"""(file, enum, prefix of its keys)."""

_KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")


@dataclass(frozen=True, slots=True)
class Use:
    """One place that names a key; `head` holds only the constant beginning of a key put together at run time."""

    where: str
    key: str | None
    head: str | None = None


def uses(root: Path) -> list[Use]:
    """Every use of a key in the rooms under `root`."""
    found = [use for room in ROOMS for path in sorted((root / room).rglob("*.py")) for use in _uses_in(path, root)]
    for file, enum, prefix in ENUMS:
        found += [Use(file, f"{prefix}.{value}") for value in _enum_values(root / file, enum)]
    return found


def _uses_in(path: Path, root: Path) -> Iterator[Use]:
    file = path.relative_to(root).as_posix()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and (key := _said_by(node)) is not None:
            yield from _keys(key, f"{file}:{node.lineno}")
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _declares_keys(node):
            constants = (part for part in _told(node.value) if isinstance(part, ast.Constant))
            yield from (Use(f"{file}:{part.lineno}", part.value) for part in constants if isinstance(part.value, str))


def _said_by(call: ast.Call) -> ast.expr | None:
    """The argument that is a key, if this is a call that takes one."""
    match call.func:
        case ast.Name(id="Phrase") if call.args:
            return call.args[0]
        case ast.Name(id="button") if len(call.args) > 1:
            return call.args[1]
        case ast.Attribute(attr="text") if len(call.args) > 1:  # with a language beside the key, or it is another's
            return call.args[0]
        case _:
            return None


def _keys(given: ast.expr, where: str) -> Iterator[Use]:
    match given:
        case ast.Constant(value=str(key)):
            yield Use(where, key)
        case ast.IfExp(body=first, orelse=second):
            yield from _keys(first, where)
            yield from _keys(second, where)
        case ast.JoinedStr(values=[ast.Constant(value=str(head)), *_]):
            yield Use(where, None, head)
        case ast.JoinedStr() | ast.BinOp():
            yield Use(where, None, "")
        case _:
            pass  # a name: what it holds stands in some tuple of keys


def _told(value: ast.expr) -> Iterator[ast.AST]:
    """All of it; of a mapping only what it leads to."""
    parts = value.values if isinstance(value, ast.Dict) else [value]
    return (node for part in parts for node in ast.walk(part))


def _declares_keys(assignment: ast.Assign | ast.AnnAssign) -> bool:
    targets: Sequence[ast.expr] = assignment.targets if isinstance(assignment, ast.Assign) else [assignment.target]
    return any(isinstance(target, ast.Name) and target.id.endswith("_KEYS") for target in targets)


def _enum_values(path: Path, enum: str) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == enum:
            for member in node.body:
                if isinstance(member, ast.Assign) and isinstance(member.value, ast.Constant):
                    yield str(member.value.value)


def is_key(text: str) -> bool:
    """Whether the text has the form of a key."""
    return _KEY.fullmatch(text) is not None
