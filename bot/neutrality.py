"""Whether what is to be sent to many may be sent: it gives nobody away, names nobody, and fits into a message.

* Problems are data: what is wrong and where, for whoever shows them; all of them at once. What may also be harmless is
  a doubt, which whoever sends it has looked at.
* A telephone number is one of those that the organisation has verified, or none, in text and file name alike.
* The centres are those of the catalogue, under all their names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from locales.previews import DOUBTFUL, Lexicon, entries, shown
from storage.imports.centres import CENTRES
from storage.notices import NAME, Content

MOST_CHARACTERS = 4096
"""Bot API, sendMessage; what has no room below a picture or file comes after it."""

LONGEST_NAME = 40
"""So many characters are left for how she wants to be called."""

MOST_BYTES = {"photo": 10_000_000, "document": 50_000_000, "voice": 50_000_000}
"""Bot API, "Sending files"."""

TOWNS = frozenset({"Chalco", "Ecatepec", "Texcoco", "Tlalnepantla", "Molino de Flores"})
"""Names of centres that people know as those of a town or a park: in an address they give nobody away."""

_FIELD = re.compile(r"\{([^{}]*)\}")

_GAP = r"(?:[^\w,:;/]|_){0,3}/?"
"""What may stand between the digits of one telephone number, with a single slash, too."""

_PHONE = re.compile(rf"\+?\d(?:{_GAP}\d){{9,14}}")
"""Ten digits or more, however they are grouped: Mexican numbers have ten."""

_MONTH_DAY = r"(?:0[1-9]|1[0-2])[-_./]?(?:0[1-9]|[12]\d|3[01])"
_MOMENT = re.compile(
    rf"(?<!\d)(?:20\d\d[-_./]?{_MONTH_DAY}|(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|1[0-2])[-/.]20\d\d)"
    r"(?!\d)(?:[-_ ](?:[01]\d|2[0-3])[-_.]?[0-5]\d(?:[-_.]?[0-5]\d)?(?!\d))?"
)
"""A date, with the hour that cameras write into the names of their files."""


def _names_of_centres() -> Iterator[str]:
    for name in (name for names in CENTRES.values() for name in names):
        for spelt in {name, name.replace("th", "t")}:
            yield spelt + DOUBTFUL if name in TOWNS else spelt


_WORDS = Lexicon([*entries(), *_names_of_centres()])


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
    """All that is wrong with this. `named` is how many women it names (`storage.mentions`), `phones` are the verified
    numbers, `size` is the file's in bytes, where it is known."""
    return tuple(_found(content, named, phones=phones, size=size))


def doubts(content: Content, *, alone: Collection[str] = ()) -> tuple[Problem, ...]:
    """What may also be harmless: ambiguous words, and names of women that stand `alone` in it (`storage.mentions`)."""
    return (*_said(content, sure=False), *(Problem(Fault.NAMES_A_WOMAN, name) for name in alone))


def _found(content: Content, named: int, *, phones: Collection[str], size: int | None) -> Iterator[Problem]:
    media, text = content.media, content.text
    if media is None and not text.strip():
        yield Problem(Fault.EMPTY)
    yield from _said(content, sure=True)
    if media is not None and size is not None and size > MOST_BYTES[media.kind]:
        yield Problem(Fault.TOO_LARGE, str(size - MOST_BYTES[media.kind]))
    if named:
        yield Problem(Fault.NAMES_A_WOMAN)
    for words, in_name in _places(content):
        yield from (Problem(Fault.PHONE, one, in_name) for one in _unverified(words, phones))
    yield from (Problem(Fault.UNKNOWN_FIELD, one) for one in _FIELD.findall(text) if f"{{{one}}}" != NAME)
    longest = len(text.replace(NAME, "x" * LONGEST_NAME))
    if longest > MOST_CHARACTERS:
        yield Problem(Fault.TOO_LONG, str(longest - MOST_CHARACTERS))


def _places(content: Content) -> tuple[tuple[str, bool], ...]:
    """What can be read of it, and whether that is the name of a file."""
    return ((content.text, False), ("" if content.media is None else content.media.name, True))


def _said(content: Content, *, sure: bool) -> Iterator[Problem]:
    for words, in_name in _places(content):
        found = _WORDS.found(words)
        yield from (Problem(Fault.FORBIDDEN_WORD, word, in_name) for word in found if found[word] is sure)


def _unverified(words: str, phones: Collection[str]) -> list[str]:
    """The telephone numbers in it that are none of these, each once."""
    left = _MOMENT.sub("x", shown(words))
    for phone in phones:
        digits = re.sub(r"\D", "", phone)[-10:]
        verified = rf"(?<!\d)\+?(?:52{_GAP})?(?:0?1{_GAP}|04[45]{_GAP})?{_GAP.join(digits)}(?!\d)"
        left = re.sub(verified, "x", left)
    return list(dict.fromkeys(_PHONE.findall(left)))
