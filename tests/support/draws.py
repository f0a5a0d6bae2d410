"""Random things that happen in an interview.

* Each draw means something wherever the session stands, so that a list of draws is a whole interview on any instrument.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from conversations import events
from conversations.events import Event
from conversations.instrument import Instrument, Question, QuestionType
from conversations.reading.words import entries
from conversations.session import DEFAULT, Session

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
PURPOSES = ((), ("ingresos",), ("ingresos", "seguimiento"))

# What people write: answers that some question understands, controls, doubts, and noise.
WORDS = st.sampled_from(
    entries(
        "sí|no|nel|1|2|5|41|0|-3|2.5|1500|mil quinientos a la quincena|250 al día|cinco|entre 500 y 700 al mes|1.500"
        "|ayer|trabajé|tranaje|por mi cuenta|tejido y cocina|ninguno|tejido, ninguno|nada por ahora|mes|a la semana"
        "|mañana|atrás|saltar|prefiero no decir|no sé|luego|ayuda|ok|😀|5 de mayo|me fue bien, gracias|/start"
        "|900000 al mes|corregir|Norte|Puerto|mucho"
    )
)
ANY_TEXT = st.text(max_size=60) | st.just("bla " * 1000)
DATE_PARTS = ("", "2025", "2025-11", "2025-11-30", "2025-02-30", "..2017", "hoy", "0000", "2030-01-01")


@dataclass(frozen=True)
class Draw:
    """One random thing that happens; what it means depends on where the session stands.

    `kind` names it, or says which of those that are likely there.
    """

    kind: str | int
    pick: int = 0
    on: bool = True
    text: str = ""
    stale: int = 1

    def event(self, instrument: Instrument, session: Session, *, at: datetime) -> Event:
        question = None if session.current is None else instrument.by_name[session.current]
        kind = self.kind
        if isinstance(kind, int):
            likely = _likely(question, session)
            kind = likely[kind % len(likely)]
        if kind == "fit" and question is None:
            kind = "correct"
        newest = session.waiting_since if kind in _SETTLING else session.asked_in
        shown = (session.waiting_since, newest, session.asked_in - 1, 0)[self.stale]
        if (make := _MAKERS.get(kind)) is not None:
            return make(at, shown)
        if kind in _PARTS:
            part, values = _PARTS[kind]
            return part(at, shown, self._one_of(values))
        if kind == "fit":
            assert question is not None
            return self._fitting(question, session, at, sprint=shown)
        if kind == "choose":
            return events.ChoiceSelected(at, shown, self._named(question))
        if kind == "mark":
            return events.ChoiceMarked(at, shown, self._named(question), self.on)
        if kind == "anew":
            return self._anew(instrument, session, at)
        return self._in_words(kind, session, at, sprint=shown)

    def _in_words(self, kind: str, session: Session, at: datetime, *, sprint: int) -> Event:
        match kind:
            case "reply":
                shown = [*session.shown_in.values(), session.waiting_since, session.sprint]
                return events.MsgReceived(at, self.text, self._one_of(shown))
            case "edit":
                waiting = [said.taken_in for said in session.waiting if said.taken_in is not None]
                taken_in = [*waiting, *session.taken_in.values(), session.sprint]
                return events.MsgEdited(at, self.text, self._one_of(taken_in))
            case "correct":
                return events.CorrectionAsked(at, sprint, self._one_of([*session.answers, "otra"]))
            case _:
                return events.MsgReceived(at, self.text)

    def _anew(self, instrument: Instrument, session: Session, at: datetime) -> Event:
        """Another answer to an earlier question, such as she is asked about before it counts."""
        earlier = [instrument.by_name[name] for name in session.answers if name in session.shown_in]
        unsure = [question for question in earlier if question.money or question.type in _UNSURE] or earlier
        if not unsure:
            return events.BackAsked(at)
        question = self._one_of(unsure)
        text = self._one_of(("900 a la semana", "250 al día", "1200", "700 al mes"))
        if question.type is QuestionType.DATE:
            text = self._one_of(("5/5/25", "6/5/25", "30/11/25"))
        if question.choices:
            text = self._one_of(question.choices).label["es"]
            text = f"{text[:-2]}x{text[-1]}" if len(text) > len("Mesa") else text
        return events.MsgReceived(at, text, session.shown_in[question.name])

    def _one_of(self, things: Any) -> Any:
        return things[self.pick % len(things)]

    def _named(self, question: Question | None) -> str:
        names = [] if question is None else [choice.name for choice in question.choices]
        return str(self._one_of([*names, "ok", DEFAULT, "3"]))

    def _fitting(self, question: Question, session: Session, at: datetime, *, sprint: int) -> Event:
        """An answer that the question takes, so that runs come far."""
        if session.pending is not None and session.pending.question == question.name:
            if session.pending.detail is None:
                return events.ConfirmationGiven(at, session.waiting_since, self.pick % 4 < 3)
            return events.MsgReceived(at, self._one_of(("a la semana", "diario", "cinco")))
        match question.type:
            case QuestionType.ACKNOWLEDGE:
                return events.ChoiceSelected(at, sprint, "ok")
            case QuestionType.SELECT_ONE:
                return events.ChoiceSelected(at, sprint, self._one_of(question.choices).name)
            case QuestionType.SELECT_MULTIPLE:
                return events.MsgReceived(at, self._one_of(question.choices).label["es"])
            case QuestionType.DATE:
                return events.MsgReceived(at, self._one_of(("ayer", "5 de mayo de 2025")))
            case _ if question.money:
                return events.MsgReceived(at, self._one_of(("800 a la semana", "250 al día", "900")))
            case _:
                return events.MsgReceived(at, self._one_of(("41", "5", "2", "60", "saltar")))


_MAKERS: dict[str, Callable[[datetime, int], Event]] = {
    "done": events.ChoicesDone,
    "back": events.BackAsked,
    "skip": events.SkipAsked,
    "refuse": events.RefusalAsked,
    "pause": events.PauseAsked,
    "help": events.HelpAsked,
    "yes": lambda at, sprint: events.ConfirmationGiven(at, sprint, right=True),
    "no": lambda at, sprint: events.ConfirmationGiven(at, sprint, right=False),
    "send": lambda at, _: events.AttachmentReceived(at, "sticker"),
    "speak": lambda at, _: events.VoiceReceived(at, "ref", 3),
    "resume": lambda at, _: events.ResumeAsked(at),
    "expire": lambda at, _: events.WaitExpired(at),
    "interrupt": lambda at, _: events.SessionInterrupted(at),
}
_PARTS: dict[str, tuple[Callable[[datetime, int, Any], Event], tuple[Any, ...]]] = {
    "page": (events.PageTurned, (0, 1, 2, -1)),
    "date": (events.DatePartGiven, DATE_PARTS),
    "band": (events.BandSelected, (0, 1, 2, 3, 4, 5, 6, -1)),
    "detail": (events.DetailGiven, ("mes", "dia", "5", "7", "siglo")),
}
_UNSURE = (QuestionType.DATE, QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE)
_SETTLING = ("yes", "no", "detail")
_ENDINGS = ("expire", "interrupt")
_CONTROLS = ("back", "back", "back", "skip", "refuse", "pause", "help", "resume", "send", "speak")
_ANYTHING = (*(kind for kind in (*_MAKERS, *_PARTS) if kind not in _ENDINGS), "choose", "mark", "correct")


def _likely(question: Question | None, session: Session) -> tuple[str, ...]:
    """What happens where the session stands, the likelier the more often."""
    waits_for_her_word = ("yes", "yes", "no", "detail", "detail") if session.pending is not None else ()
    if question is None:
        return (
            *waits_for_her_word,
            "anew",
            "anew",
            "correct",
            "correct",
            "correct",
            "reply",
            "edit",
            "say",
            *_ANYTHING[:3],
        )
    match question.type:
        case QuestionType.SELECT_ONE:
            own: tuple[str, ...] = ("choose", "choose", "page")
        case QuestionType.SELECT_MULTIPLE:
            own = ("mark", "mark", "mark", "done", "done", "page")
        case QuestionType.DATE:
            own = ("date", "date", "date")
        case _ if question.money:
            own = ("band", "say", "say")
        case _:
            own = ("choose", "speak")
    return (
        *["fit"] * 12,
        *own,
        *own,
        *waits_for_her_word,
        *["anew"] * 4,
        *_CONTROLS,
        "say",
        "reply",
        "edit",
        "reply",
        "edit",
        *_ANYTHING,
    )


DRAWS = st.builds(
    Draw,
    kind=st.integers(0, 59),
    pick=st.integers(0, 11),
    on=st.booleans(),
    text=WORDS | ANY_TEXT,
    stale=st.sampled_from([*[1] * 12, *[0] * 3, 2, 3]),  # the newest buttons, mostly
)
WAITING_DRAWS = st.builds(
    Draw,
    kind=st.sampled_from(
        ["anew"] * 6 + ["yes", "no", "detail", "say", "edit", "reply", "fit", *_CONTROLS, "mark", "choose"]
    ),
    pick=st.integers(0, 11),
    text=WORDS,
)
"""What happens while corrections wait for her word, and the next ones come."""
SCRIPTS = st.lists(DRAWS, min_size=10, max_size=50)
AHEAD = st.builds(
    lambda count, turn: [Draw("fit", pick=turn * step) for step in range(count)], st.integers(0, 18), st.integers(0, 11)
)
"""She answers some questions to begin with, so that every part of an instrument is reached."""

ENDS = st.sampled_from([[], *([Draw(ending)] for ending in _ENDINGS)])
