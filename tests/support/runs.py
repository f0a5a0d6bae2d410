"""Random things that happen in an interview, and what must hold whatever they are.

* Each draw means something wherever the session stands, so that a list of draws is a whole interview on any instrument.
* Every step goes through JSON, as in the store; what a chat's history of results says equals what the session holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from conversations import events
from conversations.answers import Answer
from conversations.codec import session_from_dict, session_to_dict
from conversations.effects import (
    AnswerRejected,
    CaseOpened,
    ConfirmationAsked,
    DetailAsked,
    Effect,
    OutcomesChanged,
    QuestionAsked,
    ResultChanged,
    SessionEnded,
    SessionStatus,
    SummaryShown,
)
from conversations.errors import EventRejected
from conversations.events import Event
from conversations.instrument import Instrument, Question, QuestionType
from conversations.reading.words import entries
from conversations.session import DEFAULT, Session, resume, start
from conversations.speech import SPEECH, Asking, Interviewed

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
        shown = (session.asked_in, session.waiting_since, session.asked_in - 1, 0)[self.stale]
        question = None if session.current is None else instrument.by_name[session.current]
        kind = self.kind
        if isinstance(kind, int):
            likely = _likely(question, session)
            kind = likely[kind % len(likely)]
        if kind == "fit" and question is None:
            kind = "correct"
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
        return self._in_words(kind, session, at, sprint=shown)

    def _in_words(self, kind: str, session: Session, at: datetime, *, sprint: int) -> Event:
        match kind:
            case "reply":
                return events.MsgReceived(at, self.text, self._one_of([*session.shown_in.values(), session.sprint]))
            case "edit":
                return events.MsgEdited(at, self.text, self._one_of([*session.taken_in.values(), session.sprint]))
            case "correct":
                return events.CorrectionAsked(at, sprint, self._one_of([*session.answers, "otra"]))
            case _:
                return events.MsgReceived(at, self.text)

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
_ENDINGS = ("expire", "interrupt")
_CONTROLS = ("back", "back", "back", "skip", "refuse", "pause", "help", "resume", "send", "speak")
_ANYTHING = (*(kind for kind in (*_MAKERS, *_PARTS) if kind not in _ENDINGS), "choose", "mark", "correct")


def _likely(question: Question | None, session: Session) -> tuple[str, ...]:
    """What happens where the session stands, the likelier the more often."""
    waits_for_her_word = ("yes", "yes", "no", "detail", "detail") if session.pending is not None else ()
    if question is None:
        return (*waits_for_her_word, "correct", "correct", "correct", "reply", "edit", "say", *_ANYTHING[:3])
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
SCRIPTS = st.lists(DRAWS, min_size=10, max_size=50)
AHEAD = st.builds(
    lambda count, turn: [Draw("fit", pick=turn * step) for step in range(count)], st.integers(0, 18), st.integers(0, 11)
)
"""She answers some questions to begin with, so that every part of an instrument is reached."""

ENDS = st.sampled_from([[], *([Draw(ending)] for ending in _ENDINGS)])


@dataclass
class Run:
    """One interview under random events, checked at every step."""

    instrument: Instrument
    session: Session
    history: list[Effect] = field(default_factory=list)

    @classmethod
    def begin(cls, instrument: Instrument, *purposes: str) -> Run:
        first = start(instrument, AT, purposes=purposes)
        return cls(instrument, first.session, list(first.effects))

    def take_all(self, draws: Sequence[Draw]) -> None:
        """One thing after another, some hours apart, so that days go by."""
        for step, draw in enumerate(draws):
            self.take(draw.event(self.instrument, self.session, at=AT + timedelta(hours=7 * step)))

    def take(self, event: Event) -> None:
        before = self.session
        kept = to_json(session_to_dict(before))
        try:
            sprint = resume(self.instrument, before, event)
        except EventRejected:
            assert to_json(session_to_dict(before)) == kept, "what is rejected changes nothing"
            return
        self.history += sprint.effects
        self.session = session_from_dict(from_json(to_json(session_to_dict(sprint.session))))
        assert self.session == sprint.session, "a session comes back from JSON as it was"
        self._check(sprint.effects, before)
        if getattr(event, "sprint", None) is not None:
            self._tap_again(event)

    def _check(self, effects: tuple[Effect, ...], before: Session) -> None:
        session = self.session
        assert session.sprint == before.sprint + 1
        assert (session.current is None) == (session.status is not SessionStatus.WAITING)
        assert told(self.history) == held(self.instrument, session)
        if session.current is not None:
            self._check_open(self.instrument.by_name[session.current])
        ended = [effect for effect in effects if isinstance(effect, SessionEnded)]
        if session.status is before.status is SessionStatus.COMPLETED and not ended:
            assert all(answer == session.answers[name] for name, answer in before.answers.items())
        elif session.status is not SessionStatus.WAITING:
            assert [effect.status for effect in ended] == [session.status]
            if session.status is SessionStatus.COMPLETED:
                assert effects[-1] == SummaryShown(
                    session.asked_in, standing(self.instrument, session), before.finished
                )
        for effect in effects:
            if isinstance(effect, QuestionAsked):
                assert 1 <= effect.number <= effect.of
            if isinstance(effect, Asking):
                shown = Interviewed(2**63 - 1, self.instrument.name, self.instrument.version, effect)
                assert SPEECH.load(SPEECH.dump(shown)) == shown

    def _check_open(self, question: Question) -> None:
        session = self.session
        assert question.waits
        assert question.purpose is None or question.purpose in session.purposes
        assert session.marked == () or question.type is QuestionType.SELECT_MULTIPLE
        if session.pending is not None:
            assert session.pending.question in {*session.answers, question.name}

    def _tap_again(self, event: Event) -> None:
        """A double tap: the second one is rejected, or shows once more what stands already."""
        try:
            again = resume(self.instrument, self.session, event)
        except EventRejected:
            return
        assert replace(again.session, sprint=self.session.sprint) == self.session
        asks = (QuestionAsked, ConfirmationAsked, DetailAsked, AnswerRejected)
        changes = (ResultChanged, OutcomesChanged, SessionEnded)
        told_again = [effect for effect in again.effects if isinstance(effect, (*asks, *changes))]
        assert told_again == []
        assert isinstance(event, events.HelpAsked) or not any(isinstance(e, CaseOpened) for e in again.effects)

    def end_by_refusing(self) -> None:
        """From wherever it stands, refusing every question is a way to the end."""
        for _ in range(2 * len(self.instrument.questions)):
            self.take(events.RefusalAsked(AT))
        assert self.session.status is not SessionStatus.WAITING


def told(history: list[Effect]) -> dict[str, Answer]:
    """What was last told of each question."""
    return {effect.question: effect.answer for effect in history if isinstance(effect, ResultChanged)}


def held(instrument: Instrument, session: Session) -> dict[str, Answer]:
    """The answers that the session holds, and the reasons for those that it does not."""
    noted = {
        name: answer
        for name, answer in session.answers.items()
        if instrument.by_name[name].type is not QuestionType.NOTE
    }
    assert not noted.keys() & session.left.keys()
    return {**session.left, **noted}


def standing(instrument: Instrument, session: Session) -> tuple[tuple[str, Answer], ...]:
    """What she was asked and what stands for it, as the summary shows it."""
    asked = (q.name for q in instrument.questions if q.waits and q.type is not QuestionType.ACKNOWLEDGE)
    return tuple((name, session.answers[name]) for name in asked if name in session.answers)
