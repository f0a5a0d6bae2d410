"""Whether she wants to be left alone, in whatever words she says it (wishes/stop.toml), and how sure that is.

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


_SURE = (Stop.FORGET, Stop.PLAIN)

LONGEST = 200
"""Characters; a longer message is a story, and whoever tells one is asked what she wants."""

_TABLES = load(
    "stop.toml",
    shape={
        "terms": (),
        "rules": tuple(Stop),
        "answers": ("terse", "about_us", "goes_on"),
        "around": ("first", "last", "between", "unsure", "turns", "reasons", "courtesies"),
        "beside": ("orders", "limits", "cues", "told_of_others", "turned_down", "told_to_us", "of_others"),
        "joined": (),
        "glued": (),
    },
)

_FIRST, _LAST = _TABLES.rules("around", "first"), _TABLES.rules("around", "last")
_RULE = re.compile(
    f"{_FIRST}*?(?:" + "|".join(f"(?P<{kind}>{_TABLES.rules('rules', kind)})" for kind in Stop) + f"){_LAST}*"
)
_TERSE = re.compile(f"{_FIRST}*{_TABLES.rules('answers', 'terse')}{_LAST}*")
_ABOUT_US = re.compile(rf"\b(?:\w*me |{_TABLES.rules('answers', 'about_us')})")
"""Where such words name nobody and nothing of ours, they may answer a question as well."""
_GOES_ON = re.compile(rf"\b{_TABLES.rules('answers', 'goes_on')}")
_COURTESIES = re.compile(f"{_FIRST}*{_TABLES.rules('around', 'courtesies')}?")
_UNSURE = re.compile(f"{_TABLES.rules('around', 'unsure')}(?P<rest>.+)")
_BETWEEN = re.compile(rf"\b{_TABLES.rules('around', 'between')}")
_TURN = re.compile(f" (?={_TABLES.rules('around', 'turns')})")
_REASON = re.compile(_TABLES.rules("around", "reasons"))

_ORDERS, _LIMITS, _CUES, _TURNED_DOWN, _TOLD_TO_US, _OF_OTHERS, _TOLD_OF_OTHERS = (
    _TABLES.sounds("beside", table)
    for table in ("orders", "limits", "cues", "turned_down", "told_to_us", "of_others", "told_of_others")
)
_ALONE = re.compile(r"(?:[🛑⛔🚫]\ufe0f?\s*)+|¡?para[!.]*", re.IGNORECASE)
"""Where nothing else is said these may be meant for us; "para nada" is not."""
_FEW_WORDS = 9
_WHY = heard("por que")
_THAT = sound("que")
_I_DID = re.compile(
    r"\b(?!(?:est|d|qu|porqu|s|cans|enfad|hart|seguir|continuar|participar|contestar|responder)é)\w+é\b"
)
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
_LONG = sorted(word for word in _TABLES.words("terms") if len(word) >= _SHORTEST_MENDED)
_GLUED = ((sound(name), heard(_TABLES.entries("glued", name)[0])) for name in _TABLES.names("glued"))
_APART = {
    glued + word: f"{apart} {word}" for glued, apart in _GLUED for word in _LONG if glued + word not in _KNOWN
} | {sound(word): heard(_TABLES.entries("joined", word)[0]) for word in _TABLES.names("joined")}
"""What is written in one word, or in a letter."""
_MENDED = {
    slip: word
    for word in _LONG
    for slip in _slips(word)
    if slip not in _KNOWN and (slip[-1] not in "aeiou" or slip[-3:] == word[-3:])
}

_sound = lru_cache(maxsize=1024)(sound)  # few words make up most of what is typed
_Judged = list[tuple[str, Stop | None]]
"""Her sentences, and how far each asks us to leave her alone."""


@lru_cache(maxsize=64)  # several readers look at one message in the same step
def read_stop(text: str) -> Stop | None:
    """Return how far `text` asks us to leave her alone; None where it does not. Never raises."""
    if len(text) > LONGEST:
        return None
    if _ALONE.fullmatch(text.strip()):
        return Stop.MAYBE
    told = [(clause, kind) for clause, kind in _judged(text) if kind is not None or not _is_courtesy(clause)]
    kinds = {kind for _, kind in told}
    best = next((kind for kind in Stop if kind in kinds), None)
    if best is None or best is Stop.WEARY:
        return best if len(told) == 1 else None
    terse = all(_ORDERS.issuperset(clause.split()) for clause, kind in told if kind in _SURE)
    limited = any(kind is None and (terse or not _LIMITS.isdisjoint(clause.split())) for clause, kind in told)
    return Stop.MAYBE if limited else best


def is_unmistakable(text: str) -> bool:
    """Return whether `text` is a plain stop whatever question is open: "no molesten" may answer one, "no me molesten"
    answers none. Never raises."""
    if read_stop(text) not in _SURE:
        return False
    plain = (f"{clause} " for clause, kind in _judged(text) if kind in _SURE)
    return any(_TERSE.fullmatch(clause) is None or _ABOUT_US.search(clause) is not None for clause in plain)


def _judged(text: str) -> _Judged:
    told = _I_DID.sub(_DONE, unicodedata.normalize("NFC", text).lower())
    parts = _SENTENCES.split(fold(told.translate(_APOSTROPHES)).replace("/", " ").replace("_", " "))
    clauses = [clause for part in parts for clause in _TURN.split(_sounding(part)) if clause]
    return [one for clause in clauses for one in _parted(clause)]


def _sounding(part: str) -> str:
    """How the words of a sentence sound, mended, without what only goes between them."""
    words = " ".join(_APART.get(one := _sound(word), one) for word in part.split()).split()
    mended = [_MENDED.get(word, word) for word in words]
    once = [word for at, word in enumerate(mended) if at == 0 or word != mended[at - 1]]
    return _BETWEEN.sub("", " ".join((*once, ""))).strip()


def _parted(clause: str) -> _Judged:
    """A sentence, or what it is joined of, or a wish and what stands beside it without a comma."""
    if (whole := _said(clause)) in _SURE or _CUES.isdisjoint(clause.split()):
        return [(clause, whole)]
    joined = [(one, _said(one)) for one in clause.split(_AND)]
    if len(joined) > 1 and any(kind for _, kind in joined):
        return joined
    words = clause.split()
    for at in range(1, len(words)):
        before, behind = " ".join(words[:at]), " ".join(words[at:])
        gives_a_reason = _REASON.match(f"{behind} ") is not None
        if words[at - 1] in _TURNED_DOWN or not (gives_a_reason or words[at] in _TURNED_DOWN):
            continue
        first, last = _said(before), _said(behind)
        if (first and last and words[at] != _THAT) or (first in _SURE and gives_a_reason and at > 1):
            return [(before, first), (behind, last)]
        ours = (_LIMITS | _TOLD_OF_OTHERS).isdisjoint(words[:at])
        if last in _SURE and ours and words[at] in _TURNED_DOWN and at < len(words) - 1:
            whole = Stop.MAYBE
    return [(clause, None if _GOES_ON.search(f"{clause} ") else whole or _doubtful(clause))]


def _said(clause: str) -> Stop | None:
    """What a rule says of a whole sentence."""
    found = _RULE.fullmatch(f"{clause} ")
    if found is not None:
        return Stop(str(found.lastgroup))
    unsure = _UNSURE.fullmatch(f"{clause} ")
    return Stop.MAYBE if unsure and _said(unsure["rest"].strip()) in (Stop.PLAIN, Stop.MAYBE) else None


def _doubtful(clause: str) -> Stop | None:
    """What no rule knows, but turns down something that may be ours, in few words."""
    words = clause.split()
    ours = not _TURNED_DOWN.isdisjoint(words) and not _TOLD_TO_US.isdisjoint(words) and _WHY not in clause
    return Stop.MAYBE if ours and len(words) <= _FEW_WORDS and (_LIMITS | _OF_OTHERS).isdisjoint(words) else None


def _is_courtesy(clause: str) -> bool:
    return _COURTESIES.fullmatch(f"{clause} ") is not None
