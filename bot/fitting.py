"""How much Telegram shows in one message, and the last guard before it: what is longer is cut, and says so.

* Screens that can be long turn pages or cut their own parts; whatever they missed is cut here rather than not shown.
* What is counted is what is seen: tags are not, and `&amp;` is one; what is cut off leaves no tag open.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_IN_MESSAGE, MOST_IN_CAPTION, MOST_IN_TOAST = 4096, 1024, 200
"""Characters of a message, of what stands below a picture or file, and of the answer to a tap (Bot API)."""

ELLIPSIS = "…"

_TOKEN = re.compile(r"</?[a-z][^>]*>|&(?:[a-z]+|#\d+);|.", re.DOTALL)


def length(text: str) -> int:
    """Characters as Telegram counts them, in UTF-16: most emoji are two."""
    return len(text.encode("utf-16-le")) // 2


def clipped(text: str, most: int) -> str:
    """Plain text of at most so many characters; an ellipsis stands for what is missing."""
    if length(text) <= most:
        return text
    kept = text.encode("utf-16-le")[: (most - 1) * 2].decode("utf-16-le", errors="ignore")
    return f"{kept.rstrip()}{ELLIPSIS}"


def fitted(text: str, most: int, *, tail: str) -> str:
    """A text with tags of ours that shows at most so many characters; the plain `tail` stands below one that is cut."""
    if len(text) * 2 <= most or _seen(text) <= most:
        return text
    room, below, kept, opened = most - length(tail) - 2, f"\n{ELLIPSIS}{tail}", list[str](), list[str]()
    for token in _TOKEN.findall(text):
        if _is_tag(token):
            opened = opened[:-1] if token.startswith("</") else [*opened, token]
        elif (room := room - _width(token)) < 0:
            break
        kept.append(token)
    closed = (f"</{re.findall('[a-z]+', tag)[0]}>" for tag in reversed(opened))
    return f"{''.join(kept)}{''.join(closed)}{below}"


def _is_tag(token: str) -> bool:
    return len(token) > 1 and token[0] == "<"


def _width(token: str) -> int:
    return 1 if token[0] == "&" and len(token) > 1 else length(token)


def _seen(text: str) -> int:
    return sum(_width(token) for token in _TOKEN.findall(text) if not _is_tag(token))


def paged(lines: Sequence[str], most: int) -> tuple[tuple[str, ...], ...]:
    """The lines on pages of at most so many characters, in order, the last page filled first; a longer line goes on
    on the page after."""
    pages: list[tuple[str, ...]] = []
    page: tuple[str, ...] = ()
    for line in reversed([part for whole in lines for part in _parts(whole, most)]):
        if page and length("\n".join((line, *page))) > most:
            pages.append(page)
            page = ()
        page = (line, *page)
    return tuple(reversed((*pages, page)))


def _parts(line: str, most: int) -> list[str]:
    parts = []
    while length(line) > most:
        part = line.encode("utf-16-le")[: most * 2].decode("utf-16-le", errors="ignore")
        parts.append(part)
        line = line[len(part) :]
    return [*parts, line]
