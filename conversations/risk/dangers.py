"""Whether what she wrote says that she wants to die or hurts herself, that somebody hurts her, or that it happens now.

* The phrases are data (phrases.toml); what looks like one and is a manner of speaking is taken out before.
* A denial right before a phrase undoes it, unless the phrase begins with it; so does a past that she says is over.
* One phrase of each name is enough: a text says what it says however often.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files

from conversations.reading.tables import TERMS, Tables
from conversations.reading.words import sound
from conversations.risk.anchors import anchors, single
from conversations.risk.kinds import Danger, Kind

_FILE = "phrases.toml"
_INNOCENT = "innocent"
_WHEN = ("long_ago", "earlier_partner", "went_on", "over", "still")
_SHAPE = {
    TERMS: (),
    **{kind.value: () for kind in Kind},
    _INNOCENT: (),
    "around": ("denials", "fillers", "by_another", *_WHEN),
    "common": ("words",),
    "short": (),
    "whole": ("words",),
    "glued": ("first",),
}

_MARKS = re.compile("[\u0300-\u036f\u200b-\u200f\u2060\ufe00-\ufe0f’]+")
_TOKENS = re.compile(r"[a-zñ0-9]+|[,;:!?¡¿\n()]+|(?<!\.)\.(?!\.)")
_BREAK = ","
"""Where a clause ends. Several dots only slow a sentence down."""
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_WORD = re.compile(r"[a-zñč]+")
_BEGINS_DENIED = re.compile(r"(?:ya )?(?:no|ni|nunca|sin|tampoco|nadie|perdi|ke|para|komo|si|por) ")
_BEFORE, _CLAUSE = 90, 140
"""Characters that are looked at before a phrase for its denial, and on both sides of it for when it was."""
_LONGEST_WORD = 40
_SHORTEST_MENDED = 6
_GLUED = range(4, 31)
_SHORTEST_BEGUN = 4
_MANY, _FEW, _DIGITS_OF_MANY = "mučas", 3, 3
"""What a number says of pills: up to three are what a doctor may have told her to take."""


def _folded(text: str) -> str:
    """As words.fold does, for letters alone and ten times as fast: this reads everything that anybody writes."""
    plain = unicodedata.normalize("NFKD", text).casefold().replace("'", "")
    return plain if plain.isascii() else _MARKS.sub("", plain.replace("n\N{COMBINING TILDE}", "ñ"))


def _slips(word: str) -> set[str]:
    """The word with a letter missing, or two of them in the wrong order; its first and last letters stay in place."""
    missing = {word[:at] + word[at + 1 :] for at in range(1, len(word) - 1)}
    return missing | {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 2)}


@dataclass(frozen=True)
class _Rule:
    """One way of saying a phrase, made into an expression when first looked for; without a kind, an innocent one."""

    place: int
    kind: Kind | None
    phrase: str
    said: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(rf"(?<= ){self.said}")


class Phrases:
    """The phrases of one file, ready to be looked for."""

    def __init__(self, source: str, *, file: str) -> None:
        """Take in a file's text. Raises TableBroken where it is not as phrases.toml is."""
        tables = Tables(file, source, shape=_SHAPE)
        self._common = tables.sounds("common", "words")
        self._whole = tables.sounds("whole", "words")
        self._begin = tables.sounds("glued", "first")
        self._short = {sound(w): sound(n) for n in tables.names("short") for w in tables.entries("short", n)}
        self._rules = list(_rules(tables))
        self._around = {name: re.compile(rf"(?<= ){tables.rules('around', name)}") for name in _WHEN}
        denied = rf"(?<= ){tables.rules('around', 'denials')}{tables.rules('around', 'fillers')}*$"
        self._denied = re.compile(denied)
        self._by_another = re.compile(rf"(?<= ){tables.rules('around', 'by_another')}$")
        self._heard = lru_cache(maxsize=8192)(self._as_heard)  # few words make up most of what is typed

    @cached_property
    def _by_anchor(self) -> dict[str, list[_Rule]]:
        found: dict[str, list[_Rule]] = defaultdict(list)
        for rule in self._rules:
            for word in anchors(rule.said, self._common):
                found[word].append(rule)
        return dict(found)

    @cached_property
    def _telling(self) -> frozenset[str]:
        """The anchors of what is not innocent: a text without any of them tells of nothing."""
        return frozenset(word for word, rules in self._by_anchor.items() if any(rule.kind for rule in rules))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset().union(self._common, self._whole, *(_WORD.findall(rule.said) for rule in self._rules))

    @cached_property
    def _mended(self) -> dict[str, str]:
        words = {word for rule in self._rules if rule.kind for word in _WORD.findall(rule.said)} - self._common
        long = sorted(word for word in words if len(word) >= _SHORTEST_MENDED)
        return {slip: word for word in long for slip in _slips(word) if slip not in self._known}

    def _as_heard(self, word: str) -> str:
        """How a word sounds, mended or taken apart."""
        if word.isdecimal():
            return _MANY if len(word) <= _DIGITS_OF_MANY and int(word) > _FEW else word
        heard = sound(_DRAWN_OUT.sub(r"\1", word[:_LONGEST_WORD]))
        if (written_out := self._short.get(heard)) is not None:
            return written_out
        if heard in self._known:
            return heard
        return self._mended.get(heard) or self._taken_apart(heard) or heard

    def _taken_apart(self, word: str) -> str | None:
        """The known words that it was run together from, as few as may be."""
        if len(word) not in _GLUED or not word.isalpha():
            return None
        rest: dict[int, list[str]] = {len(word): []}
        for start in range(len(word) - 1, -1, -1):
            ends = (end for end in rest if end > start and word[start:end] in self._known)
            ways = [[word[start:end], *rest[end]] for end in ends]
            if ways:
                rest[start] = min(ways, key=len)
        parts = rest.get(0, [])
        begins = parts and (parts[0] in self._begin or len(parts[0]) >= _SHORTEST_BEGUN)
        return " ".join(parts) if begins else None

    def dangers(self, text: str) -> tuple[Danger, ...]:
        """What `text` tells of, each phrase once, the nearest danger first; nearly always nothing. Never raises."""
        tokens = _TOKENS.findall(_folded(text))
        words = " ".join([self._heard(token) if token[0].isalnum() else _BREAK for token in tokens]).split()
        if self._telling.isdisjoint(words):
            return ()
        likely = {rule.place: rule for word in words for rule in self._by_anchor.get(word, ())}
        said = f" {' '.join(words)} "
        found: dict[Danger, None] = {}
        for _, rule in sorted(likely.items()):
            if rule.kind is None:
                said = rule.pattern.sub("_ ", said)
            elif (danger := Danger(rule.kind, rule.phrase)) not in found and self._tells(rule, said):
                found[danger] = None
        return tuple(found)

    def _tells(self, rule: _Rule, said: str) -> bool:
        found = rule.pattern.search(said)
        while found is not None:
            if not (self._is_denied(found, said, kind=rule.kind) or self._is_over(found, said)):
                return True
            found = rule.pattern.search(said, found.start() + 1)
        return False

    def _is_denied(self, found: re.Match[str], said: str, *, kind: Kind | None) -> bool:
        if _BEGINS_DENIED.match(found.group()):
            return False
        before = said[max(0, found.start() - _BEFORE) : found.start()]
        if kind is Kind.SELF_HARM and self._by_another.search(before):
            return True
        return self._denied.search(before) is not None

    def _is_over(self, found: re.Match[str], said: str) -> bool:
        """Whether it is told as past, and the clause says of when: long ago, or with a partner whom she has left."""
        told = f" {said[max(0, found.start() - _BEFORE) : found.start()].rpartition(_BREAK)[2]}{found.group()}"
        went_on = self._around["went_on"].search(told)
        if went_on is None and self._around["over"].search(told) is None:
            return False
        start, end = max(0, found.start() - _CLAUSE), found.end() + _CLAUSE
        if self._around["still"].search(said, start, end):
            return False
        clause = (
            f" {said[start : found.start()].rpartition(_BREAK)[2]}{said[found.start() : end].partition(_BREAK)[0]} "
        )
        return self._around["long_ago"].search(clause) is not None or (
            went_on is not None and self._around["earlier_partner"].search(clause) is not None
        )


def _rules(tables: Tables) -> Iterator[_Rule]:
    """Every rule of a file: the innocent ones first, then the nearest danger."""
    place = 0
    for kind in (None, *Kind):
        section = _INNOCENT if kind is None else kind.value
        for name in tables.names(section):
            for said in single(tables.rules(section, name)):
                yield _Rule(place, kind, name, said)
                place += 1


@cache
def shipped() -> Phrases:
    """The phrases that come with Hilo, read when they are first needed."""
    return Phrases(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"), file=_FILE)


def dangers(text: str) -> tuple[Danger, ...]:
    """What `text` tells of by the shipped phrases, as `Phrases.dangers`: total, and linear in its length."""
    return shipped().dangers(text)
