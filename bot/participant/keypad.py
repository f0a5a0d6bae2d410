"""Numbers that are tapped instead of written, so that nothing of them stands in a chat.

* What was tapped is kept by whoever asks for it; the message shows how many, never which.
"""

from __future__ import annotations

from conversations.speech import Button, Phrase

DIGITS = 4

KEY = "key."
ERASE, FORGOT = KEY + "erase", KEY + "forgot"

Rows = tuple[tuple[Button, ...], ...]


def _digit(digit: str) -> Button:
    return Button(KEY + digit, Phrase("keypad.digit", {"digit": digit}))


KEYPAD: Rows = (
    *(tuple(map(_digit, row)) for row in ("123", "456", "789")),
    (Button(ERASE, Phrase("keypad.erase")), _digit("0")),
)


def dots(entered: str) -> str:
    """How far she is."""
    return " ".join("●" * len(entered) + "○" * (DIGITS - len(entered)))


def tapped(entered: str, action: str) -> str | None:
    """What is entered after this button; None where it is none of the keypad's numbers."""
    if action == ERASE:
        return entered[:-1]
    digit = action.removeprefix(KEY)
    known = action.startswith(KEY) and len(digit) == 1 and digit in "0123456789"
    return (entered + digit)[:DIGITS] if known else None


def is_number(text: str) -> bool:
    """Whether she typed what she could have tapped."""
    typed = text.strip()
    return len(typed) == DIGITS and typed.isascii() and typed.isdigit()
