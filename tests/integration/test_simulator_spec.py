"""The trimmed Bot API description: what the generator keeps of a full one, and that nothing else is in the file."""

import json
from typing import Any

import pytest

from bot.demo.spec import load
from bot.demo.trim_spec import METHODS, SCALARS, TYPES, trim


def full_description(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """A full description in which every method and type has the same fields."""
    named = {"fields": fields, "description": ["Words that must not be copied."], "href": "https://example.org"}
    return {"version": "Bot API 99", "methods": dict.fromkeys(METHODS, named), "types": dict.fromkeys(TYPES, named)}


@pytest.mark.parametrize(
    ("description", "limit"),
    [
        ("Text of the message, 1-4096 characters after entities parsing", [1, 4096]),
        ("Data to be sent, 1-64 bytes", [1, 64]),
        ("Values between 1-100 are accepted", [1, 100]),
        ("A list of 1-100 identifiers", [1, 100]),
        ("At most 100 commands can be specified", [0, 100]),
        ("A two-letter ISO 639-1 language code", None),
    ],
)
def test_a_limit_is_read_out_of_prose(description: str, limit: list[int] | None) -> None:
    field = {"name": "x", "types": ["String"], "required": False, "description": description}
    rule = trim(full_description([field]))["methods"]["sendMessage"]["x"]
    assert rule == {"types": ["String"], **({"limit": limit} if limit else {})}


def test_only_what_is_understood_is_kept() -> None:
    fields = [
        {"name": "chat_id", "types": ["Integer", "String"], "required": True, "description": "Words"},
        {"name": "reply_markup", "types": ["InlineKeyboardMarkup", "Other"], "required": False, "description": "Words"},
        {"name": "gifts", "types": ["Array of Gift"], "required": False, "description": "Words"},
        {"name": "message_thread_id", "types": ["Integer"], "required": False, "description": "Words"},
    ]
    trimmed = trim(full_description(fields))
    assert trimmed["methods"]["sendPhoto"] == {
        "chat_id": {"types": ["Integer", "String"], "required": True},
        "reply_markup": {"types": ["InlineKeyboardMarkup"]},
    }
    assert "Words" not in json.dumps(trimmed)


def test_the_file_holds_what_the_generator_wants() -> None:
    spec = load()
    assert (set(spec["methods"]), set(spec["types"])) == (set(METHODS), set(TYPES))
    rules = [rule for part in ("methods", "types") for fields in spec[part].values() for rule in fields.values()]
    assert rules
    assert {key for rule in rules for key in rule} == {"types", "required", "limit"}
    named = {name.removeprefix("Array of ").removeprefix("Array of ") for rule in rules for name in rule["types"]}
    assert named <= {*SCALARS, *TYPES}
