"""The words that go with invitations: short, common, easy to say on the phone and to type."""

from __future__ import annotations

from functools import cache
from pathlib import Path

WORDS_FILE = Path(__file__).parent / "words.txt"


@cache
def load_words() -> tuple[str, ...]:
    """All of them."""
    return tuple(WORDS_FILE.read_text(encoding="utf-8").split())
