"""What a case can be about: who opens it, how soon somebody should see to it, and what goes first.

* Kinds are words that staff read, and never change meaning.
* Times are working time: nine hours are one day of the office.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from conversations.session import HELP

ANSWER_WITHIN = timedelta(hours=9)
"""A request should be attended to within a working day."""

MESSAGE = "mensaje"
"""The kind of case of a woman who had a message passed to the team."""

ANSWER = "respuesta"
"""The kind of case of a woman who wrote back to a broadcast: one for each broadcast."""

ASKED_FOR = (HELP, MESSAGE, ANSWER)
"""The kinds that she opens for herself, and is told of."""

STOP = "baja"
"""The kind of case of a woman who does not want to be written to any more."""

DATA = "datos"
"""The kind of case of a woman who wants to see, correct or erase what is kept of her."""

COME_BACK = "volver"
"""The kind of case of a woman who asked to be left alone, and now that she be written to again."""

MISSING_DATE = "fecha_de_salida"
"""The kind of case that asks staff for a release date, where a plan counts from it and it is not known."""

A_DATE = "fecha_de_"
"""How the kinds begin that ask for a date; but for the release, the plan's name for it follows (`date_NAME`)."""

FORGOTTEN_WORD = "palabra"
"""The kind of case of a woman who could not give the word of her invitation."""

FORGOTTEN_CODE = "clave"
"""The kind of case of a woman who does not remember the code that she chose."""

CALL = "llamada"
"""The kind of case that asks staff to call a woman who is silent, or out of reach, while a check-in is due."""

ALARM = "alarma"
"""The kind of the one case that is about no woman: something was due, and nothing left us."""

BREACH = "vulneracion"
"""The kind of case that asks staff to tell a woman what may have got out of her data: no chat has reached her."""

NOT_ASKED = (CALL, ALARM)
"""The kinds for which nobody waits for an answer."""

CRISIS, RISK = "crisis", "alerta"
"""The kinds of what cannot wait."""

WITHIN = {CALL: timedelta(hours=27), CRISIS: timedelta(hours=1)}
"""Within how much working time a case should be attended to, where not within ANSWER_WITHIN."""


class Outcome(StrEnum):
    """How a case ended. The values are stored: none is ever renamed."""

    ATTENDED = "attended"
    REFERRED = "referred"
    UNREACHED = "unreached"
    NOT_NEEDED = "not_needed"


RESOLVED_KEYS: dict[str, str] = {
    Outcome.ATTENDED: "case.resolved",
    Outcome.REFERRED: "case.referred",
    Outcome.NOT_NEEDED: "case.not_needed",
}
"""What she is told as her case is closed, by how it ended; where she was not found there is nothing to tell her."""

FIRST = ((CRISIS, RISK), (HELP, BREACH), (MESSAGE, ANSWER, COME_BACK, DATA, STOP, FORGOTTEN_WORD, FORGOTTEN_CODE))
"""What is seen to first: these in this order, then all else."""
