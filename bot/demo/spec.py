"""Checks a call against the trimmed Bot API description (`spec.json`) before anything is done.

- Stricter than Telegram on purpose: an unknown parameter or a wrong type is refused, where Telegram would ignore it.
- Form fields arrive as text: numbers, booleans and JSON objects are read out of it, as the Bot API documents.
- Lengths in `spec.json` bind here, except of formatted text, which is measured after parsing (`methods`).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.demo.refusal import RefusedError, bad_request

Rules = dict[str, dict[str, Any]]

MEASURED_AFTER_PARSING = {"text", "caption"}
# Telegram's own words for the limits that a bot is most likely to meet; the rest get a general sentence.
LIMIT_WORDS = {
    "callback_data": "BUTTON_DATA_INVALID",
    "command": "BOT_COMMAND_INVALID",
    "commands": "BOT_COMMANDS_TOO_MUCH",
    "message_ids": "too many message identifiers specified",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a multipart call."""

    file_name: str
    mime_type: str
    content: bytes


@functools.cache
def load() -> dict[str, Any]:
    """The trimmed description: {"version", "methods", "types"}."""
    spec: dict[str, Any] = json.loads(Path(__file__).with_name("spec.json").read_text(encoding="utf-8"))
    return spec


def method_named(name: str) -> str | None:
    """The canonical name of a method (Telegram ignores case), or None if the simulator doesn't have it."""
    return _folded_names().get(name.casefold())


@functools.cache
def _folded_names() -> dict[str, str]:
    return {name.casefold(): name for name in load()["methods"]}


def read_call(method: str, raw: Mapping[str, object], *, uploads: Mapping[str, Upload]) -> dict[str, Any]:
    """The typed parameters of one call; `raw` holds text or JSON values. Raises RefusedError (400)."""
    rules = load()["methods"][method]
    given = {**raw, **{name: upload for name, upload in uploads.items() if name in rules}}
    return _Reading(uploads).fields(rules, given, where=method)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One call being read; `uploads` are what its values may point to with attach://."""

    uploads: Mapping[str, Upload]

    def fields(self, rules: Rules, given: Mapping[str, object], *, where: str) -> dict[str, Any]:
        for name in given:
            if name not in rules:
                raise bad_request(f'{where} has no parameter "{name}"')
        for name, rule in rules.items():
            if rule.get("required") and given.get(name) is None:
                raise bad_request(f'parameter "{name}" is required')
        read = {}
        for name, value in given.items():
            if value is not None:
                read[name] = self._field(rules[name]["types"], value, name=name)
                measured_later = name in MEASURED_AFTER_PARSING and where.startswith(("send", "edit"))
                if not measured_later and (limit := rules[name].get("limit")):
                    read[name] = _within(limit, read[name], name=name)
        return read

    def _field(self, types: list[str], value: object, *, name: str) -> Any:
        refusals = []
        for type_name in types:
            try:
                return self._value(type_name, value)
            except ValueError:
                continue
            except RefusedError as refusal:  # the right kind of object, wrongly filled: the first complaint says most
                refusals.append(refusal)
        raise refusals[0] if refusals else bad_request(f'parameter "{name}" must be of type {" or ".join(types)}')

    def _value(self, type_name: str, value: object) -> Any:
        """`value` as this type. Raises ValueError if it is none."""
        match type_name, value:
            case "String", str():
                return value
            case "Boolean", bool():
                return value
            case "Boolean", str() if value.casefold() in {"true", "false"}:
                return value.casefold() == "true"
            case "Integer", str() | int() if not isinstance(value, bool):
                return int(value)
            case "InputFile", Upload():
                return value
            case "InputFile", str() if value.startswith("attach://"):
                return self._attached(value.removeprefix("attach://"))
            case "String" | "Boolean" | "Integer" | "InputFile", _:
                raise ValueError(type_name)
            case _:  # a list or an object; in a form field it is JSON text, whose JSONDecodeError is a ValueError
                return self._composite(type_name, json.loads(value) if isinstance(value, str) else value)

    def _attached(self, name: str) -> Upload:
        if name not in self.uploads:
            raise bad_request(f"can't find the attached file {name}")
        return self.uploads[name]

    def _composite(self, type_name: str, value: object) -> Any:
        if type_name.startswith("Array of "):
            if not isinstance(value, list):
                raise ValueError(type_name)
            inner = type_name.removeprefix("Array of ")
            return [self._field([inner], item, name=f"{inner} in a list") for item in value]
        if not isinstance(value, dict):
            raise ValueError(type_name)
        return self.fields(load()["types"][type_name], value, where=type_name)


def _within(limit: list[int], value: Any, *, name: str) -> Any:
    least, most = limit
    if isinstance(value, int):
        return min(max(value, least), most)  # Telegram pulls a number into its range without a word
    size = len(value.encode()) if name == "callback_data" else len(value)
    if not least <= size <= most:
        raise bad_request(LIMIT_WORDS.get(name, f'parameter "{name}" must have {least}-{most} characters or items'))
    return value
