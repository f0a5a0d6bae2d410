"""Whether what is to be sent to many may be sent: it gives nobody away, names nobody, and fits into a message.

* Problems are data: what is wrong and where, for whoever shows them; all of them at once.
* A telephone number is one of those that the organisation has verified, or none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from locales.previews import giveaways
from storage.notices import NAME, Content

MOST_CHARACTERS = 4096
"""Bot API, sendMessage; what has no room below a picture or file comes after it."""

LONGEST_NAME = 40
"""So many characters are left for how she wants to be called."""

MOST_BYTES = {"photo": 10_000_000, "document": 50_000_000, "voice": 50_000_000}
"""Bot API, "Sending files"."""

_FIELD = re.compile(r"\{([^{}]*)\}")
_PHONE = re.compile(r"\+?\d(?:[\s().-]{0,2}\d){9,14}")
"""Ten digits or more, however they are grouped: Mexican numbers have ten."""


class Fault(StrEnum):
    """What is wrong."""

    EMPTY = "empty"
    FORBIDDEN_WORD = "forbidden_word"
    NAMES_A_WOMAN = "names_a_woman"
    PHONE = "unverified_phone"
    UNKNOWN_FIELD = "unknown_field"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: `found` is the word, field or number, or by how much it is too long or large."""

    fault: Fault
    found: str = ""
    in_name_of_file: bool = False


def problems(
    content: Content, *, named: int = 0, phones: Collection[str] = (), size: int | None = None
) -> tuple[Problem, ...]:
    """All that is wrong with this. `named` is how many women it names (`storage.segments.named_in`), `phones` are the
    verified numbers, `size` is the file's in bytes, where it is known."""
    return tuple(_found(content, named, phones=phones, size=size))


def _found(content: Content, named: int, *, phones: Collection[str], size: int | None) -> Iterator[Problem]:
    media, text = content.media, content.text
    if media is None and not text.strip():
        yield Problem(Fault.EMPTY)
    yield from (Problem(Fault.FORBIDDEN_WORD, word) for word in dict.fromkeys(giveaways(text)))
    if media is not None:
        spaced = re.sub(r"[_\W]+", " ", media.name)
        yield from (Problem(Fault.FORBIDDEN_WORD, word, True) for word in dict.fromkeys(giveaways(spaced)))
        if size is not None and size > MOST_BYTES[media.kind]:
            yield Problem(Fault.TOO_LARGE, str(size - MOST_BYTES[media.kind]))
    if named:
        yield Problem(Fault.NAMES_A_WOMAN)
    known = {_digits(phone) for phone in phones}
    yield from (Problem(Fault.PHONE, one) for one in _PHONE.findall(text) if _digits(one) not in known)
    yield from (Problem(Fault.UNKNOWN_FIELD, one) for one in _FIELD.findall(text) if f"{{{one}}}" != NAME)
    longest = len(text.replace(NAME, "x" * LONGEST_NAME))
    if longest > MOST_CHARACTERS:
        yield Problem(Fault.TOO_LONG, str(longest - MOST_CHARACTERS))


def _digits(phone: str) -> str:
    """The number without its country's code."""
    return re.sub(r"\D", "", phone)[-10:]
