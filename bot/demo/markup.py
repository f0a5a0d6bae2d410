"""Telegram's HTML style: from marked-up text to plain text and entities, with its refusals.

- Only the tags of the Bot API's "HTML style" are known; any other tag, and any tag left open, is refused.
- Offsets and lengths count UTF-16 units, as Telegram clients do.
- Links and commands that people type are found too, because Telegram marks them for every message.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from bot.demo.refusal import RefusedError, bad_request

Entity = dict[str, Any]

_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
    "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
_TOKEN = re.compile(r"<(?P<close>/?)(?P<tag>[a-zA-Z0-9-]*)(?P<attributes>[^<>]*)>?|&(?P<reference>#?\w+);")
_KNOWN_REFERENCES = {"lt", "gt", "amp", "quot"}
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_FOUND_IN_TEXT = {
    "url": re.compile(r"\b(?:https?://|t\.me/)[^\s<>]*[^\s<>.,;:!?)]"),
    "bot_command": re.compile(r"(?<![\w/])/[a-zA-Z0-9_]{1,32}\b"),
}


def utf16_length(text: str) -> int:
    """How long Telegram counts `text` to be."""
    return len(text.encode("utf-16-le")) // 2


def read(text: str, parse_mode: str | None) -> tuple[str, list[Entity]]:
    """The plain text and the entities of what a bot sends. Raises RefusedError on markup that Telegram can't parse."""
    if parse_mode and parse_mode.casefold() != "html":
        raise bad_request("unsupported parse_mode (the simulator reads HTML)")
    plain, entities = _Reading(text).result() if parse_mode else (text, [])
    stripped = plain.strip()
    lead = utf16_length(plain[: len(plain) - len(plain.lstrip())])
    kept = [shifted for entity in entities if (shifted := _shift(entity, lead=lead, length=utf16_length(stripped)))]
    found = [entity for entity in find(stripped) if not any(_covers(marked, entity) for marked in kept)]
    return stripped, sorted(kept + found, key=lambda entity: (entity["offset"], -entity["length"]))


def find(text: str) -> list[Entity]:
    """The entities that Telegram finds by itself in plain text: links and commands."""
    return [
        {"type": kind, "offset": utf16_length(text[: match.start()]), "length": utf16_length(match[0])}
        for kind, pattern in _FOUND_IN_TEXT.items()
        for match in pattern.finditer(text)
    ]


def _covers(marked: Entity, found: Entity) -> bool:
    """Whether Telegram leaves `found` unmarked because it stands in a link or in code."""
    within = marked["offset"] <= found["offset"] < marked["offset"] + marked["length"]
    return within and marked["type"] in {"text_link", "code", "pre"}


def _shift(entity: Entity, *, lead: int, length: int) -> Entity | None:
    start = max(entity["offset"] - lead, 0)
    end = min(entity["offset"] + entity["length"] - lead, length)
    return {**entity, "offset": start, "length": end - start} if end > start else None


@dataclass
class _Open:
    tag: str
    entity: Entity


@dataclass
class _Reading:
    """One pass over a marked-up text."""

    source: str
    plain: str = ""
    opened: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def result(self) -> tuple[str, list[Entity]]:
        position = 0
        for token in _TOKEN.finditer(self.source):
            self.plain += self.source[position : token.start()]
            position = token.end()
            if token["reference"]:
                self.plain += self._character(token)
            elif token["close"]:
                self._close(token)
            else:
                self._open(token)
        self.plain += self.source[position:]
        if self.opened:
            raise _unparsable(f'Can\'t find end tag corresponding to start tag "{self.opened[-1].tag}"')
        return self.plain, self.entities

    def _character(self, token: re.Match[str]) -> str:
        known = token["reference"].startswith("#") or token["reference"] in _KNOWN_REFERENCES
        return html.unescape(token[0]) if known else token[0]

    def _open(self, token: re.Match[str]) -> None:
        tag = token["tag"].lower()
        at = len(self.source[: token.start()].encode())
        if tag not in _KINDS or not token[0].endswith(">"):
            raise _unparsable(f'Unsupported start tag "{tag}" at byte offset {at}')
        if tag == "span" and "tg-spoiler" not in token["attributes"]:
            raise _unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
        entity: Entity = {"type": _KINDS[tag], "offset": utf16_length(self.plain)}
        if tag == "a" and (href := _HREF.search(token["attributes"])):
            entity["url"] = html.unescape(href[1] or href[2] or "")
        self.opened.append(_Open(tag, entity))

    def _close(self, token: re.Match[str]) -> None:
        at = len(self.source[: token.start()].encode())
        tag = token["tag"].lower()
        if not self.opened:
            raise _unparsable(f"Unexpected end tag at byte offset {at}")
        last = self.opened.pop()
        if tag != last.tag:
            raise _unparsable(f'Unmatched end tag at byte offset {at}, expected "</{last.tag}>", found "</{tag}>"')
        last.entity["length"] = utf16_length(self.plain) - last.entity["offset"]
        if last.entity["length"] and last.entity.get("url", "-"):
            self.entities.append(last.entity)


def _unparsable(what: str) -> RefusedError:
    return bad_request(f"can't parse entities: {what}")
