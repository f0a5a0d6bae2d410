"""What a preview on a locked screen may say: nothing that gives her away to whoever looks over her shoulder.

* The words are data, one a line in `forbidden.txt`, whose head says how they are written.
* They are found however they are written: capitals, accents, signs and gaps between the letters, characters that do
  not show, figures for letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

WORDS = Path(__file__).parent / "forbidden.txt"

HARMLESS, STEM, DOUBTFUL = "!", "*", "?"
"""Marks of a line: before what is no giveaway although it holds one, after a beginning of words, and after what can
also mean something harmless."""

_LETTERS = ("013457@$", "oieastas", "oleastas")
"""Figures and signs that stand for letters, and what they are read as: 1 is an i or an l."""

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SIGNS_INSIDE = re.compile(r"(?<=[^\W\d])[^\w\s]+(?=[^\W\d])|(?<=[^\W_])_+(?=[^\W_])")
_SPELT = re.compile(r"\b[^\W\d_](?: [^\W\d_]\b){2,}")
_MIXED = re.compile(r"(?<![\w@$])[\w@$]*(?:[^\W\d_][\d@$]|[\d@$][^\W\d_])[\w@$]*")


def first_line(text: str) -> str:
    """As much of a message as a preview shows."""
    return text.partition("\n")[0]


def giveaways(text: str, words: Path = WORDS) -> list[str]:
    """The words that the text says and none of ours may say, doubtful ones too: each once, in their order."""
    return list(_of_file(words).found(text))


def entries(words: Path = WORDS) -> list[str]:
    """The lines that are words."""
    lines = (line.strip() for line in words.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def shown(text: str) -> str:
    """The text in plain signs, without accents and what does not show."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(one for one in plain if unicodedata.category(one) not in ("Cf", "Mn", "Me"))


class Lexicon:
    """Words to look for, given as the lines of the file are, and compiled once."""

    def __init__(self, lines: Iterable[str]) -> None:
        kinds: dict[str, set[str]] = {HARMLESS: set(), DOUBTFUL: set(), "": set()}
        for line in lines:
            kind = HARMLESS if line.startswith(HARMLESS) else DOUBTFUL if line.endswith(DOUBTFUL) else ""
            ending = r"\w*" if STEM in line else "(?:e?s)?"
            kinds[kind].add(re.escape(_words(shown(line).casefold())) + ending)
        harmless, doubtful, sure = ("|".join(sorted(kinds[kind], key=len, reverse=True)) or "(?!)" for kind in kinds)
        self._pattern = re.compile(rf"\b(?:(?:{harmless})|(?P<sure>{sure})|(?P<doubtful>{doubtful}))\b")

    def found(self, text: str) -> dict[str, bool]:
        """The words that the text says, in their order, and whether each gives her away for sure."""
        told: dict[str, bool] = {}
        for reading in _readings(text):
            for one in self._pattern.finditer(reading):
                if one.lastgroup is not None:
                    told.setdefault(one[0], one.lastgroup == "sure")
        return told


@cache
def _of_file(words: Path) -> Lexicon:
    return Lexicon(entries(words))


def _readings(text: str) -> Iterator[str]:
    """The words of a text as they can be read: as they stand, apart at each capital, without signs inside, spelt out,
    with figures."""
    bare = shown(text)
    plain = bare.casefold()
    yield (spaced := _words(plain))
    yield _words(_HUMP.sub(" ", bare).casefold())
    yield _words(_SIGNS_INSIDE.sub("", plain))
    for run in _SPELT.findall(spaced):
        word = run.replace(" ", "")
        yield f"{word} {word[1:]} {word[:-1]} {word[1:-1]}"
    for mixed in _MIXED.findall(plain):
        yield from (_words(mixed.translate(str.maketrans(_LETTERS[0], read))) for read in _LETTERS[1:])


def _words(plain: str) -> str:
    """Runs of letters and runs of figures, with single gaps."""
    return " ".join(re.findall(r"[^\W\d_]+|\d+", plain))
