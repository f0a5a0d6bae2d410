"""What a preview on a locked screen may say: nothing that gives her away to whoever looks over her shoulder.

* The words are data, one a line in `forbidden.txt`; capitals and accents don't count, and a plural is meant too.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

WORDS = Path(__file__).parent / "forbidden.txt"


def first_line(text: str) -> str:
    """As much of a message as a preview shows."""
    return text.partition("\n")[0]


def giveaways(text: str, words: Path = WORDS) -> list[str]:
    """The forbidden words that the text says, in their order."""
    return _forbidden(words).findall(_folded(text))


@cache
def _forbidden(path: Path) -> re.Pattern[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    words = sorted({_folded(line) for line in lines if line and not line.startswith("#")}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})(?:e?s)?\b")


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))
