"""What a woman may ask for by law, how far a request is, and how it was answered. The values are stored."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What she asks for."""

    ACCESS = "acceso"
    CORRECT = "correccion"
    ERASE = "cancelacion"
    OBJECT = "oposicion"


class State(StrEnum):
    """Where it stands: to be answered, granted and still to be done, or over."""

    OPEN = "open"
    GRANTED = "granted"
    CLOSED = "closed"


class Answer(StrEnum):
    """How it was answered."""

    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"  # she has changed her mind, it was not she, or it is about nothing any more
