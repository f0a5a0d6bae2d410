"""How she likes to be spoken to: tú or usted, Spanish or English, changed by a word wherever she is.

* The wish is remembered in the same step; what is said after it is worded her way already, as all is worded at sending.
* Asking for tú or usted asks for Spanish too, which is the one language that knows them.
"""

from __future__ import annotations

from conversations.reading.controls import Control
from conversations.speech import Phrase, Said
from storage.preferences import LanguageChosen, Trato, TratoChosen

ENGLISH, SPANISH = "en", "es"

Manner = tuple[TratoChosen | LanguageChosen | Said, ...]

_TRATO = {Control.TU: Trato.TU, Control.USTED: Trato.USTED}
_LANGUAGE = {Control.ENGLISH: ENGLISH, Control.SPANISH: SPANISH}


def manner_asked(control: Control | None, participant: int | None = None) -> Manner | None:
    """What is remembered and said where she asked to be spoken to in another way, or None where she asked no such
    thing. Only for a woman who has consented; `participant` is needed only in the step that makes the chat hers."""
    if control in _TRATO:
        trato, spanish = TratoChosen(_TRATO[control], participant), LanguageChosen(SPANISH, participant)
        return trato, spanish, Said(Phrase("manner.trato"))
    if control in _LANGUAGE:
        return LanguageChosen(_LANGUAGE[control], participant), Said(Phrase("manner.language"))
    return None
