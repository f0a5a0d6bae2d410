"""Yes and no, as people say them: to a question, and to "is this right?".

* What only underlines or softens the word beside it changes nothing; "creo que sí" and a single letter are confirmed.
* A message that says both, or anything else besides, is neither.
* "Está bien" and "está mal" answer only a reading that is shown to her; of a question they may mean much.
"""

from __future__ import annotations

import re

from conversations.reading.result import Clear, Doubtful, Reading, Unclear, Unreadable
from conversations.reading.words import entries, normalise

YES = frozenset(
    entries("""
    si|sii|siii|sip|sipi|see|sep|claro|clarin|simon|aja|ajam|afirmativo|correcto|efectivamente|ok|okay|okey|sale|vale|dale
    cierto|yes|yep|yeah|obvio|exacto|exactamente|orale|andale|sipirili|s
    """)
)
NO = frozenset(entries("no|noo|nooo|nop|nope|noup|nel|nelson|nah|nones|negativo|nunca|jamas|tampoco|n"))
COURTESIES = frozenset(
    entries("""
    ps|pues|pos|pss|pz|bueno|ay|uy|eh|mm|mmm|la|verdad|que|gracias|muchas|por|favor|porfa|señorita|amiga|jaja|jajaja|k|q
    yo|desde|luego|supuesto|asi|es|eso|hola|oye|oiga|seño
    """)
)
"""What people say around an answer, and that is none of it."""

_NODS = frozenset(entries("ok|okay|okey|sale|vale|dale|orale"))
"""These take note of what was said; only where "sí" is the whole choice are they a yes."""
_HEDGED = frozenset({"creo", "s", "n"})
"""Beside these, or by these alone, a yes or no is confirmed."""
_FIRMLY = re.compile(r"\b(?:claro|obvio|cierto) que (?=(?:si|no)\b)|\bgracias a dios\b|\b(?:todavia|aun|ya) (?=no\b)")
"""What only underlines the yes or no beside it: "claro que no" is a no."""
_BOTH = "si no"
_SAYINGS = (
    (re.compile(r"\b(?:para nada|ni madres|nel pastel|ni de chiste|ni de broma|de ninguna manera)\b"), "no"),
    (re.compile(r"\b(?:a huevo|a fuerzas|simon limon)\b"), "si"),
    (re.compile(r"\bno (?:es|era|fue) (?:asi|eso|cierto|verdad)\b|\bes[oa] no\b|\basi no\b"), "no"),
    (re.compile(r"\b(?:asi|eso) (?:es|mero|mismo|merito)\b|\bes (?:asi|eso|verdad)\b|\btal cual\b"), "si"),
)
_OF_A_READING = (
    (re.compile(r"\bno est(?:a|uvo) (?:tan )?mal\b"), _BOTH),
    (re.compile(r"\bno(?: ,)? (?:mejor |lo |la )*(?:corregir|corrige|corrija)\w*"), "no"),
    (re.compile(r"\bno (?:esta bien|es correcto|es exacto)\b"), "no"),
    (re.compile(r"\b(?:no|esta|estuvo|quedo) (?:muy )?(?:mal|equivocad[oa])\b"), "no"),
    (re.compile(r"\b(?:es )?(?:incorrect|equivocad)[oa]\b"), "no"),
    (re.compile(r"\b(?:todo )?esta (?:muy )?(?:bien|perfecto|correcto)\b|\bperfecto\b"), "si"),
)
"""What is said of a reading only, or said otherwise of it; looked for before the others."""


def read_yes_no(text: str) -> Reading[bool]:
    """Return whether `text` says that what she was asked to confirm is right; never raises."""
    if not text.strip():
        return Unclear(Unreadable.EMPTY)
    said = " ".join(re.findall(r"\w+|,", normalise(text)))
    for saying, meaning in _OF_A_READING:
        said = saying.sub(meaning, said)
    return yes_or_no(said) or Unclear(Unreadable.NOT_A_CHOICE)


def only_nods(said: str) -> bool:
    """Whether normalised words take note of something, and say no more."""
    return _NODS.issuperset(set(re.findall(r"\w+", said)) - COURTESIES)


def yes_or_no(said: str) -> Reading[bool] | None:
    """Return what normalised words say when they say nothing but yes or no; None for any others."""
    said = _FIRMLY.sub("", " ".join(re.findall(r"\w+", said)))
    for saying, meaning in _SAYINGS:
        said = saying.sub(meaning, said)
    words = set(said.split()) - COURTESIES
    hedged = not words.isdisjoint(_HEDGED)
    words -= {"creo"}
    if not words or not words <= YES | NO:
        return None
    if words & YES and words & NO:
        return Unclear(Unreadable.NOT_A_CHOICE)
    return Doubtful(bool(words & YES)) if hedged else Clear(bool(words & YES))
