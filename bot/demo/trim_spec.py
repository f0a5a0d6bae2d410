"""Cuts the full machine-readable Bot API down to what the simulator checks: `python -m bot.demo.trim_spec API_JSON`.

- Only names, types, `required` and limits are kept; no prose leaves the source.
- A parameter whose every type is outside TYPES is dropped, so the simulator refuses it as unknown.
- The output is sorted and stable, so a new Bot API version reads as a small diff.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

METHODS = (
    "answerCallbackQuery", "deleteMessage", "deleteMessages", "deleteMyCommands", "deleteWebhook",
    "editMessageReplyMarkup", "editMessageText", "getChat", "getFile", "getMe", "getMyCommands", "getMyDescription",
    "getMyName", "getMyShortDescription", "getUpdates", "getUserProfilePhotos", "getWebhookInfo", "sendAudio",
    "sendChatAction", "sendDocument", "sendMessage", "sendPhoto", "sendVoice", "setMyCommands", "setMyDescription",
    "setMyName", "setMyShortDescription", "setWebhook",
)  # fmt: skip
TYPES = (
    "BotCommand", "BotCommandScopeAllPrivateChats", "BotCommandScopeChat", "BotCommandScopeDefault",
    "CopyTextButton", "ForceReply", "InlineKeyboardButton", "InlineKeyboardMarkup", "LinkPreviewOptions",
    "MessageEntity", "ReplyKeyboardRemove", "ReplyParameters",
)  # fmt: skip
SCALARS = ("Boolean", "InputFile", "Integer", "String")
# Parameters of features that a one-to-one conversation never uses: groups, topics, business, payments, effects.
UNUSED = {
    "business_connection_id", "certificate", "checklist_task_id", "direct_messages_topic_id",
    "icon_custom_emoji_id", "inline_message_id", "ip_address", "message_effect_id", "message_thread_id", "pay",
    "poll_option_id", "suggested_post_parameters", "switch_inline_query", "switch_inline_query_current_chat",
    "thumbnail",
}  # fmt: skip
# Unions that the source names but whose members alone carry fields.
UNIONS = {"BotCommandScope": ["BotCommandScopeAllPrivateChats", "BotCommandScopeChat", "BotCommandScopeDefault"]}
_LIMIT = re.compile(
    r"\b(\d+)-(\d+) (characters|bytes)|\bbetween (\d+)-(\d+)|\blist of (\d+)-(\d+)|\bAt most (\d+) commands"
)


def trim(api: dict[str, Any]) -> dict[str, Any]:
    """The part of `api` that the simulator needs: {"version", "methods": {name: {parameter: rule}}, "types": {...}}.

    A rule is {"types": [...], "required": true?, "limit": [least, most]?}. Raises KeyError if a wanted name is gone.
    """
    return {
        "version": api["version"],
        "methods": {name: _rules(api["methods"][name].get("fields", [])) for name in METHODS},
        "types": {name: _rules(api["types"][name].get("fields", [])) for name in TYPES},
    }


def _rules(fields: list[dict[str, Any]]) -> dict[str, Any]:
    rules = {field["name"]: _rule(field) for field in fields if field["name"] not in UNUSED}
    return {name: rule for name, rule in rules.items() if rule["types"]}


def _rule(field: dict[str, Any]) -> dict[str, Any]:
    named = [kept for name in field["types"] for kept in UNIONS.get(name, [name])]
    rule: dict[str, Any] = {"types": [name for name in named if _innermost(name) in SCALARS + TYPES]}
    if field["required"]:
        rule["required"] = True
    if limit := _limit(field["description"]):
        rule["limit"] = limit
    return rule


def _innermost(type_name: str) -> str:
    return type_name.removeprefix("Array of ").removeprefix("Array of ")


def _limit(description: str) -> list[int] | None:
    found = _LIMIT.search(description)
    if not found:
        return None
    numbers = [int(part) for part in found.groups() if part and part.isdigit()]
    return numbers if len(numbers) == 2 else [0, *numbers]


def _one_rule_a_line(spec: dict[str, Any]) -> str:
    def block(rules: dict[str, Any]) -> str:
        return "{" + ",".join(f"\n    {json.dumps(name)}: {json.dumps(rules[name])}" for name in sorted(rules)) + "}"

    def section(entries: dict[str, Any]) -> str:
        return ",\n".join(f"  {json.dumps(name)}: {block(entries[name])}" for name in sorted(entries))

    parts = ",\n".join(f'"{part}": {{\n{section(spec[part])}\n}}' for part in ("methods", "types"))
    return f'{{\n"version": {json.dumps(spec["version"])},\n{parts}\n}}\n'


def main() -> None:
    """Write `spec.json` beside this file from the API description named on the command line."""
    api = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    target = Path(__file__).with_name("spec.json")
    target.write_text(_one_rule_a_line(trim(api)), encoding="utf-8")


if __name__ == "__main__":
    main()
