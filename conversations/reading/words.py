"""Her spelling, folded until two ways of writing one word are one string.

* `ñ` stays a letter of its own: *ano* and *año* are two words.
* Folding never joins, drops or invents a digit: `½` and `5²` stay as they are, so that no number grows out of them.
* `sound` is for looking up words in our own lists only; two words that sound alike may differ in meaning.
"""

from __future__ import annotations

import re
import unicodedata

_TILDE = "\N{COMBINING TILDE}"
_DROPPED = frozenset({"So", "Sk", "Mn", "Me", "Cf", "Co", "Cs"})
"""Unicode categories without words in them: emoji and their joiners, accents, invisible marks."""

_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"([^crl])\1+", r"\1"),
        (r"ch+", "č"),
        (r"ll+", "y"),
        (r"h", ""),
        (r"qu?(?=[ei])|c(?![eiy])|q", "k"),
        (r"[czs]+", "s"),
        (r"[vw]", "b"),
    )
)


def _plain(char: str) -> str:
    if unicodedata.category(char) == "No":
        return char
    folded = unicodedata.normalize("NFKD", char)
    return "".join(" " if unicodedata.category(c) in {"So", "Cc"} else c for c in folded)


def fold(text: str) -> str:
    """Return `text` in lower case without accents (`ñ` kept), emoji or doubled spaces; digits and punctuation stay."""
    decomposed = "".join(_plain(char) for char in unicodedata.normalize("NFC", text).casefold())
    tilded = decomposed.replace("n" + _TILDE, "ñ")
    return " ".join("".join(c for c in tilded if unicodedata.category(c) not in _DROPPED).split())


def normalise(text: str) -> str:
    """Return `text` folded and with nothing but letters and digits at its two ends; empty when it has neither."""
    folded = fold(text)
    inside = [place for place, char in enumerate(folded) if char.isalnum()]
    return folded[inside[0] : inside[-1] + 1] if inside else ""


def entries(table: str) -> list[str]:
    """Return the entries of a table of words: one a line, or several divided by `|`."""
    return [entry.strip() for entry in table.replace("\n", "|").split("|") if entry.strip()]


def sound(word: str) -> str:
    """Return how a folded word sounds in Mexico: `kinsena` and `quincena`, `dosientos` and `doscientos` agree."""
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word
