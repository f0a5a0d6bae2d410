"""Her text cut into pieces, each understood or marked as not understood.

* The longest listed phrase wins; her exact spelling wins over its sound (`siento` is not `ciento`).
* Words written together are taken apart only when every part is listed ("tresmil", "alasemana").
* A misspelling that no sound explains is corrected only when one listed word lies that near; the piece says so unless
  it is a long number with one wrong letter and no other anywhere near.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import itemgetter

from rapidfuzz.distance import OSA

from conversations.reading.chatter import BEFORE_A_PLACE, PLACES
from conversations.reading.lexicon import (
    NUMBERS,
    PER_PIECE,
    PERIODS,
    PIECES,
    SCHEDULES,
    WEEKDAYS,
    WORDS,
    Role,
)
from conversations.reading.telling import is_relative, is_telling
from conversations.reading.words import entries, fold, sound


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of her text: the part that it plays, its words, and what the lexicon makes of them.

    `sure` is False when it took a corrected misspelling to understand it.
    """

    role: Role
    text: str
    value: str = ""
    sure: bool = True


_Tokens = tuple[str, ...]

_TOKEN = re.compile(r"[a-zñ]+|(?:(?<!\S)\.)?[0-9]+(?:[.,'’‘][0-9]+)*|\S")
_DASHES = str.maketrans("‐‑‒–—−", "------")
_JOINED_LENGTH = range(4, 41)
_SHORTEST_HEARD = 3
_SHORTEST_CORRECTED = 5
_SHORTEST_CORRECTED_TWICE = 8
_SHORTEST_CORRECTED_SURELY = 7
_LEAST_LEAD = 2
"""How many letters further off the second nearest word must be, for a correction to be sure."""


def _tokens(text: str) -> _Tokens:
    return tuple(_TOKEN.findall(text))


def _heard(tokens: _Tokens) -> _Tokens:
    return tuple(sound(t) if t.isalpha() and len(t) >= _SHORTEST_HEARD else t for t in tokens)


def _spellings(role: Role, names: str, *, value: str = "") -> Iterator[Piece]:
    return (Piece(role, fold(name), value) for name in entries(names))


def _listed() -> Iterator[Piece]:
    for line in NUMBERS.split("\n"):
        yield from _spellings(Role.NUMBER, line, value=line.partition("|")[0])
    for period, names in PERIODS.items():
        yield from _spellings(Role.PERIOD, names, value=period)
    for days, names in SCHEDULES.items():
        yield from _spellings(Role.SCHEDULE, names, value=str(days))
    for day, names in enumerate(WEEKDAYS):
        yield from _spellings(Role.WEEKDAY, names, value=str(day))
    for name in entries(PLACES):
        yield from (Piece(Role.FILLER, f"{before} {name}") for before in BEFORE_A_PLACE)
    for one, many in PIECES.items():
        yield Piece(Role.PIECE, many)
        yield from (Piece(Role.EACH, f"{before} {one}") for before in PER_PIECE)
    for role, names in WORDS.items():
        yield from _spellings(role, names)


_BY_SPELLING: dict[_Tokens, Piece] = {}
_BY_SOUND: dict[_Tokens, Piece] = {}
for _piece in _listed():
    _BY_SPELLING.setdefault(_tokens(_piece.text), _piece)
    _BY_SOUND.setdefault(_heard(_tokens(_piece.text)), _piece)
_LONGEST = max(map(len, _BY_SPELLING))
_WEIGHTY = {
    heard[0]: piece
    for heard, piece in _BY_SOUND.items()
    if len(heard) == 1
    and piece.text.isalpha()
    and piece.role in {Role.NUMBER, Role.THOUSAND, Role.MILLION, Role.PERIOD, Role.CURRENCY}
}
"""The single words that carry an amount or its period, by their sound: the ones worth finding in a bad spelling."""
_CORRECT = {heard: piece for heard, piece in _WEIGHTY.items() if len(heard) >= _SHORTEST_CORRECTED}
_JOINABLE = (
    {word: piece for word, piece in _WEIGHTY.items() if word != "k"}
    | {before: Piece(Role.FILLER, before) for before in ("al", "ala", "la", "por", "x", "cada")}
    | {"y": Piece(Role.AND, "y"), "i": Piece(Role.AND, "y")}
)
"""What may stand in a word that was run together: those, the prepositions before a period, and "y"."""


def cut(text: str) -> list[Piece]:
    """Return the pieces of `text` in their order; never raises, and takes time in proportion to the text's length."""
    tokens = _tokens(fold(text.replace("\n", " , ")).translate(_DASHES))
    heard = _heard(tokens)
    pieces: list[Piece] = []
    at = 0
    while at < len(tokens):
        size, found = _longest_at(tokens, heard, at=at)
        pieces += found
        at += size
    return pieces


def _longest_at(tokens: _Tokens, heard: _Tokens, *, at: int) -> tuple[int, list[Piece]]:
    for size in range(min(_LONGEST, len(tokens) - at), 0, -1):
        words = tokens[at : at + size]
        piece = _BY_SPELLING.get(words) or _BY_SOUND.get(heard[at : at + size])
        if piece is not None:
            return size, [replace(piece, text=" ".join(words))]
    token = tokens[at]
    if token[-1] in "0123456789":
        return 1, [Piece(Role.DIGITS, token)]
    if is_telling(token) or is_relative(token):
        return 1, [Piece(Role.UNKNOWN, token)]
    return 1, _taken_apart(token) or [_corrected(token)]


def _taken_apart(word: str) -> list[Piece]:
    """The listed words that `word` was run together from, or none."""
    if len(word) not in _JOINED_LENGTH or not word.isalpha():
        return []
    heard = sound(word)
    rest: dict[int, list[Piece]] = {len(heard): []}
    for start in range(len(heard) - 1, -1, -1):
        for end in range(len(heard), start, -1):
            if end in rest and heard[start:end] in _JOINABLE:
                rest[start] = [_JOINABLE[heard[start:end]], *rest[end]]
                break
    parts = rest.get(0, [])
    return parts if parts and _makes_sense(parts) else []


def _makes_sense(parts: list[Piece]) -> bool:
    if parts[0].role is Role.AND or parts[-1].role in {Role.AND, Role.FILLER}:
        return False
    return all(
        after.role in {Role.FILLER, Role.PERIOD} for before, after in pairwise(parts) if before.role is Role.FILLER
    )


def _corrected(word: str) -> Piece:
    heard = sound(word)
    if len(heard) < _SHORTEST_CORRECTED or not word.isalpha():
        return Piece(Role.UNKNOWN, word)
    most = 2 if len(heard) >= _SHORTEST_CORRECTED_TWICE else 1
    near: dict[tuple[Role, str], tuple[int, Piece]] = {}
    for listed, piece in _CORRECT.items():
        distance = OSA.distance(heard, listed, score_cutoff=most + _LEAST_LEAD)
        meaning = piece.role, piece.value
        if meaning not in near or distance < near[meaning][0]:
            near[meaning] = distance, piece
    (least, best), (second, _) = sorted(near.values(), key=itemgetter(0))[:2]
    if least > most or second == least:
        return Piece(Role.UNKNOWN, word)
    sure = least == 1 and second - least >= _LEAST_LEAD and len(heard) >= _SHORTEST_CORRECTED_SURELY
    sure = sure and best.role is Role.NUMBER
    return replace(best, text=word, sure=sure)
