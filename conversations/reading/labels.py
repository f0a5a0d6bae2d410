"""The choices of a question as words: how each may be said, and which words of it are affirmed or denied.

* A word counts with its sign: in "tengo trabajo, pero no fui" there is work, and no going.
* "Ya tengo", "menos" and "sin" deny what is beside them as "no" does.
* What a label offers as alternatives ("comida o ropa") may be meant by either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from conversations.reading.courtesies import read_courtesy
from conversations.reading.words import entries, normalise
from conversations.reading.yes_no import COURTESIES, NO, YES


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a question: its stored name, the label that she reads, and other words that mean it."""

    name: str
    label: str
    aliases: tuple[str, ...] = ()


Signed = tuple[str, bool]
"""A word, and whether it is denied."""

NUMBERS = ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce")
FILLERS = COURTESIES | frozenset(
    entries("a|al|ala|de|del|d|el|en|la|las|lo|los|me|mi|mis|o|para|por|que|su|un|una|y|x|ahora|ahorita")
)
"""Beside her choice these add nothing."""
_LIGHT = FILLERS | frozenset(entries("con|e|esa|ese|esta|este|esto|se|soy|estoy|tengo|u|mas|creo|ya|todo|todos|todas"))
"""These do not tell one choice from another; some of them say more than the choice does."""
_DENYING = frozenset(
    entries("no|ni|sin|nunca|jamas|tampoco|nel|nop|nope|ningun|ninguno|ninguna|nada|nadie|menos|excepto|salvo|yatengo")
)
_IN_HAND = re.compile(
    r"\bya (?:me |lo |la |los |las )*"
    r"(?:tengo|tenemos|tenia|consegui|encontre|halle|arregle|resolvi|saque|cuento con|dieron)\b"
)
"""Whoever has it already does not ask for it."""
_NO_DENIAL = re.compile(r"\b(?:mas o menos|por lo menos|al menos|a lo menos|menos de|nada mas|sin duda)\b")
_CLAUSES = re.compile(r"[,;.:()¿?¡!]+|\bpero\b|\bsino\b|\bporque\b|\baunque\b")
_ANSWERED = re.compile(r"(?:si|no)\s*,\s*(?=\w)")
_ALSO_MEANT = frozenset(entries("la|verdad|es|eso|asi|yo|que|por|favor|muchas"))
"""Courtesies only beside others."""
_POLITE = "|".join(["la verdad", "por favor", "muchas gracias", *sorted(COURTESIES - _ALSO_MEANT)])
_BEFORE = re.compile(rf"^(?:(?:{_POLITE})[\s,]+)+")
_AFTER = re.compile(rf"(?:\s+(?:{_POLITE}))+$")
_KEPT = 512
"""Options whose words are remembered: more than an instrument has."""
_DIGIT = re.compile(r"\b[0-9]{1,2}\b")


def words_of(said: str) -> list[str]:
    """The words of a folded text."""
    return re.findall(r"\w+", said)


def bare(said: str) -> str:
    """A folded text without punctuation."""
    return " ".join(re.sub(r"[,;.:()¿?¡!]", " ", said).split())


def unfilled(said: str) -> str:
    """A folded text without what people say before and after an answer."""
    return _AFTER.sub("", _BEFORE.sub("", bare(said)))


@lru_cache(maxsize=_KEPT)
def wordings(option: Option) -> tuple[str, ...]:
    """The label and the aliases, folded; these with their digits in words, and without a "sí," or "no," before more."""
    spelled = [normalise(spelling) for spelling in (option.label, *option.aliases)]
    shorter = [_ANSWERED.sub("", spelling, count=1) for spelling in spelled if _ANSWERED.match(spelling)]
    spelled += [spelling for spelling in shorter if read_courtesy(spelling) is None]
    spelled += [_DIGIT.sub(_in_words, spelling) for spelling in spelled]
    return tuple(spelling for spelling in dict.fromkeys(spelled) if bare(spelling))


def _in_words(digits: re.Match[str]) -> str:
    return NUMBERS[int(digits[0])] if int(digits[0]) < len(NUMBERS) else digits[0]


def alternatives(wording: str) -> list[str]:
    """What a wording offers on either side of "o"; nothing where it counts ("3 o más")."""
    if any(word.isdecimal() or word in NUMBERS for word in words_of(wording)):
        return []
    sides = re.split(r"\bo\b", wording)
    return sides if len(sides) > 1 else []


def clauses(said: str) -> list[str]:
    """A folded text taken apart where a denial ends."""
    return [clause for clause in _CLAUSES.split(said) if clause.strip()]


def is_negative(said: str) -> bool:
    """Whether any of it denies."""
    return not _DENYING.isdisjoint(words_of(_marked(said)))


def content(said: str) -> frozenset[Signed]:
    """The words that tell one choice from another, each with its sign; a denial reaches as far as its clause."""
    return frozenset(
        (word, not _DENYING.isdisjoint(words))
        for words in map(words_of, clauses(_marked(said)))
        for word in words
        if word not in _LIGHT | _DENYING | YES | NO
    )


@lru_cache(maxsize=_KEPT)
def own_content(option: Option) -> frozenset[Signed]:
    """The content of every wording."""
    return frozenset(signed for wording in wordings(option) for signed in content(wording))


def begins(said: str) -> bool | None:
    """Whether it begins by saying yes, or (before a comma, or alone) no; None for neither."""
    first, *rest = words_of("".join(clauses(_BEFORE.sub("", said))[:1])) or [""]
    if first in YES:
        return True
    return False if first in NO and not rest else None


def rules_out(said: str, wording: str) -> bool:
    """Whether her words deny what the wording affirms, affirm what it denies, or deny where it does not."""
    if is_negative(said) is not is_negative(wording):
        return True
    says_no = re.match(r"no\b", wording) is not None
    if begins(said) is says_no:
        return True
    own = content(wording)
    return any((word, not denied) in own for word, denied in content(said) if (word, denied) not in own)


def _marked(said: str) -> str:
    return _IN_HAND.sub(" yatengo ", _NO_DENIAL.sub(" ", said))
