"""Sessions and effects as JSON and back, exactly.

* A session's JSON carries the version of its own form; `UPGRADES` turns older forms into the present one, step by step.
* Anything else that is stored as JSON (the outbox, the states of dialogues) is written by a `Tagged` codec: the name of
  its type beside its fields, and only types that were named to the codec are ever built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from conversations.session import Session

SESSION_FORM = 1

UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From the form's number to a function that gives the next form."""

_SESSION = TypeAdapter(Session)

T = TypeVar("T")


def session_to_dict(session: Session) -> dict[str, Any]:
    """The session in JSON's types, with the number of its form."""
    return {"form": SESSION_FORM, **_SESSION.dump_python(session, mode="json")}


def session_from_dict(data: dict[str, Any]) -> Session:
    """The session that `session_to_dict` wrote, now or in an older release; raises ValueError for anything else."""
    form = data.get("form")
    if not isinstance(form, int) or (form != SESSION_FORM and form not in UPGRADES):
        raise ValueError("a session of an unknown form")
    for step in range(form, SESSION_FORM):
        data = UPGRADES[step](data)
    return _SESSION.validate_python({key: value for key, value in data.items() if key != "form"})


class Tagged(Generic[T]):
    """A codec for a closed set of dataclasses."""

    def __init__(self, *types: type[T]) -> None:
        self._adapters = {type_.__name__: TypeAdapter(type_) for type_ in types}

    def to_dict(self, value: T) -> dict[str, Any]:
        """The value in JSON's types, tagged with its type's name; raises KeyError for a type not named to the codec."""
        name = type(value).__name__
        return {"type": name, **self._adapters[name].dump_python(value, mode="json")}

    def from_dict(self, data: Any) -> T:
        """The value that `to_dict` gave; raises ValueError for anything else."""
        adapter = self._adapters.get(str(data.get("type"))) if isinstance(data, dict) else None
        if adapter is None:
            raise ValueError("data of an unknown type")
        return adapter.validate_python({key: value for key, value in data.items() if key != "type"})

    def dump(self, value: T) -> bytes:
        """`to_dict` as JSON bytes."""
        return to_json(self.to_dict(value))

    def load(self, data: bytes) -> T:
        """The value that `dump` wrote."""
        return self.from_dict(from_json(data))
