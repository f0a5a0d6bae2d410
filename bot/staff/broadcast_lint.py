"""What is wrong with the words or the file of a broadcast, said to whoever composes it, with what to change.

* What could not be sent to anybody is refused as it comes, and nothing of it is kept; everything else is kept and told,
  and must be changed before it goes.
* What may be harmless is told as well: whoever sends it says that she has looked at it.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.neutrality import LONGEST_NAME, MOST_BYTES, MOST_CHARACTERS, Fault, Problem, doubts, problems
from conversations.speech import Phrase
from scheduler.dialogue import Attached
from storage.mentions import Mentions
from storage.notices import NAME, Content, Media

FAULT_KEYS = (
    "staff.broadcast_no_content",
    "staff.broadcast_says_word",
    "staff.broadcast_says_name",
    "staff.broadcast_says_phone",
    "staff.broadcast_unknown_field",
    "staff.broadcast_too_long",
    "staff.broadcast_too_big",
)
_BY_FAULT = dict(zip(Fault, FAULT_KEYS, strict=True))

DOUBT_KEYS = ("staff.broadcast_maybe_word", "staff.broadcast_maybe_name")
_DOUBT = dict(zip((Fault.FORBIDDEN_WORD, Fault.NAMES_A_WOMAN), DOUBT_KEYS, strict=True))

MOST_DOUBTS = 8
"""Lines of them in a view: well within what a message holds."""

HOPELESS = frozenset({Fault.UNKNOWN_FIELD, Fault.TOO_LONG, Fault.TOO_LARGE})
"""What is refused as it comes."""

_BRACE = re.compile(r"[{}]")


def refused_text(text: str) -> Phrase | None:
    """Why these words cannot be sent to anybody, or None."""
    hopeless = [one for one in problems(Content(text)) if one.fault in HOPELESS]
    if hopeless:
        return _phrase(hopeless[0])
    return Phrase("staff.broadcast_open_brace", {"name": NAME}) if _BRACE.search(text.replace(NAME, "")) else None


def refused_file(sent: Attached) -> Phrase | None:
    """Why what she sent cannot be sent on, or None."""
    if sent.kind not in MOST_BYTES or sent.file is None:
        return Phrase("staff.broadcast_wrong_kind")
    found = problems(Content(media=media_of(sent)), size=sent.file.size)
    if any(one.fault is Fault.TOO_LARGE for one in found):
        return Phrase("staff.broadcast_too_big", {"most": MOST_BYTES[sent.kind] // 1_000_000})
    return refused_text(sent.caption)


def media_of(sent: Attached) -> Media:
    """What she sent, as it is sent on."""
    assert sent.file is not None
    return Media(sent.kind, sent.file.file_id, sent.file.name if sent.kind == "document" else "")


def to_change(content: Content, *, named: Mentions, phones: Collection[str]) -> tuple[Phrase, ...]:
    """What must be changed before it goes, a line each."""
    return tuple(_phrase(one) for one in problems(content, named=named.women, phones=phones))


def to_review(content: Content, *, named: Mentions) -> tuple[Phrase, ...]:
    """What she must have looked at before it goes, a line each, and how much more there is than fits."""
    found = doubts(content, alone=named.alone)
    told = [Phrase(_DOUBT[one.fault], {"found": one.found, "name": NAME}) for one in found[:MOST_DOUBTS]]
    if len(found) > MOST_DOUBTS:
        told.append(Phrase("staff.broadcast_more_like_it", {"count": len(found) - MOST_DOUBTS}))
    return tuple(told)


def _phrase(one: Problem) -> Phrase:
    if one.in_name_of_file:
        return Phrase("staff.broadcast_file_name", {"word": one.found})
    values: dict[str, str | int] = {"found": one.found, "name": NAME}
    if one.fault is Fault.TOO_LONG:
        values |= {"count": int(one.found), "most": MOST_CHARACTERS - LONGEST_NAME}
    return Phrase(_BY_FAULT[one.fault], values)
