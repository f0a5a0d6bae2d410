"""Whether she wants to be left alone, in whatever words she says it, and how sure that is.

* Only a wish that is told to us, and that nothing limits, is plain: "ya no me escriban" is one, "… mañana" is none.
* What is told of somebody else, or asks us to go on, is no such wish; between both she is asked in one tap.
* What she did herself ("no busqué", "dejé de buscar") is no wish, with its accent or, where nothing says "me", without.
* A misspelling is mended by its sound, or by one letter that is missing or misplaced; a changed ending is another
  person's doing, and is left as it is.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

from conversations.reading.tables import heard, load
from conversations.reading.words import fold, sound


class Stop(StrEnum):
    """How what she wrote is to be taken, the strongest first."""

    FORGET = "forget"  # plain, and what is kept of her is to go as well
    PLAIN = "stop"
    MAYBE = "maybe"  # told to us, but how far it goes is not said
    WEARY = "weary"  # it may be meant so, or answer a question that is open


LONGEST = 200
"""Characters; a longer message is a story, and whoever tells one is asked what she wants."""

_TABLES = load(
    "stop.toml",
    shape={
        "terms": (),
        "rules": tuple(Stop),
        "answers": ("terse", "about_us"),
        "around": ("first", "last", "unsure", "turns", "courtesies"),
        "beside": ("limits", "turned_down", "told_to_us", "of_others"),
        "joined": (),
    },
)

_FIRST, _LAST = _TABLES.rules("around", "first"), _TABLES.rules("around", "last")
_KINDS = {kind: re.compile(f"{_FIRST}*{_TABLES.rules('rules', kind)}{_LAST}*") for kind in Stop}
_TERSE = re.compile(f"{_FIRST}*{_TABLES.rules('answers', 'terse')}{_LAST}*")
_ABOUT_US = re.compile(rf"\b(?:\w*me |{_TABLES.rules('answers', 'about_us')})")
"""Where such words name nobody and nothing of ours, they may answer a question as well."""
_COURTESIES = re.compile(f"{_FIRST}*{_TABLES.rules('around', 'courtesies')}?")
_UNSURE = re.compile(f"{_TABLES.rules('around', 'unsure')}(?P<rest>.+)")
_TURN = re.compile(f" (?={_TABLES.rules('around', 'turns')})")

_LIMITS, _TURNED_DOWN, _TOLD_TO_US, _OF_OTHERS = (
    _TABLES.sounds("beside", table) for table in ("limits", "turned_down", "told_to_us", "of_others")
)
_FEW_WORDS = 9
_WHY = heard("por que")
_APART = {
    sound(joined): heard(apart) for joined in _TABLES.names("joined") for apart in _TABLES.entries("joined", joined)
}
"""What is written in one word, or in a letter."""

_I_DID = re.compile(r"\b(?!(?:est|d|qu|porqu|s|cans)é)\w+é\b")
"""What ends so tells what she did; an accent is lost more often than put where none belongs."""
_DONE = "hice"

_SENTENCES = re.compile(r"[,.;:!?¡¿()\n…-]+")
_AND = " y "
_APOSTROPHES = str.maketrans("", "", "'’‘`´")
_SHORTEST_MENDED = 6


def _slips(word: str) -> set[str]:
    """The word with a letter missing, or two of them in the wrong order."""
    missing = {word[:at] + word[at + 1 :] for at in range(1, len(word))}
    return missing | {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 1)}


_KNOWN = _TABLES.words("terms", "rules")
_MENDED = {
    slip: word
    for word in sorted(_TABLES.words("terms"))
    if len(word) >= _SHORTEST_MENDED
    for slip in _slips(word)
    if slip not in _KNOWN and slip[-1] not in "aeiou"
}


@lru_cache(maxsize=64)  # several readers look at one message in the same step
def read_stop(text: str) -> Stop | None:
    """Return how far `text` asks us to leave her alone; None where it does not. Never raises."""
    if len(text) > LONGEST:
        return None
    clauses = [(clause, _kind(clause)) for clause in _clauses(text)]
    told = [(clause, kind) for clause, kind in clauses if kind is not None or not _is_courtesy(clause)]
    kinds = {kind for _, kind in told}
    best = next((kind for kind in Stop if kind in kinds), None)
    if best is None or best is Stop.WEARY:
        return best if len(told) == 1 else None
    limited = any(kind is None and not _LIMITS.isdisjoint(clause.split()) for clause, kind in told)
    return Stop.MAYBE if limited else best


def is_unmistakable(text: str) -> bool:
    """Return whether `text` is a plain stop whatever question is open: "no molesten" may answer one, "no me molesten"
    answers none. Never raises."""
    if read_stop(text) not in (Stop.PLAIN, Stop.FORGET):
        return False
    plain = (clause for clause in _clauses(text) if _kind(clause) in (Stop.PLAIN, Stop.FORGET))
    return any(_TERSE.fullmatch(f"{clause} ") is None or _ABOUT_US.search(f"{clause} ") is not None for clause in plain)


def _clauses(text: str) -> list[str]:
    """Her sentences, and what they are joined of, as they sound."""
    said: list[str] = []
    told = _I_DID.sub(_DONE, unicodedata.normalize("NFC", text).lower())
    for part in _SENTENCES.split(fold(told.translate(_APOSTROPHES)).replace("/", " ").replace("_", " ")):
        words = " ".join(_APART.get(sound(word), sound(word)) for word in part.split()).split()
        mended = [_MENDED.get(word, word) for word in words]
        once = [word for at, word in enumerate(mended) if at == 0 or word != mended[at - 1]]
        for clause in _TURN.split(" ".join(once)):
            joined = clause.split(_AND)
            said += joined if len(joined) > 1 and any(map(_kind, joined)) else [clause]
    return [clause for clause in said if clause]


def _kind(clause: str) -> Stop | None:
    said = f"{clause} "
    for kind, pattern in _KINDS.items():
        if pattern.fullmatch(said):
            return kind
    unsure = _UNSURE.fullmatch(said)
    if unsure and _kind(unsure["rest"].strip()) in (Stop.PLAIN, Stop.MAYBE):
        return Stop.MAYBE
    words = set(clause.split())
    turns_down = not (words.isdisjoint(_TOLD_TO_US) or words.isdisjoint(_TURNED_DOWN))
    ours = words.isdisjoint(_LIMITS | _OF_OTHERS) and _WHY not in clause and len(words) <= _FEW_WORDS
    return Stop.MAYBE if turns_down and ours else None


def _is_courtesy(clause: str) -> bool:
    return _COURTESIES.fullmatch(f"{clause} ") is not None
