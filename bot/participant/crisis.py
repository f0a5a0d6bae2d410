"""What she writes of a danger, wherever she is: one warm sentence, whom she can call, who is told; and nothing else.

* It comes before everything: at the gate, in first contact, after a stop, in a sitting, whose place is kept.
* Where somebody hurts her she is asked first whether she can write; numbers come after her yes, and nothing after a no.
* One tap says that she is fine: she may be written to again, and is asked again what was asked.
* Until then what she writes next is for the team, if it was told, and no answer to anything.
* Where nobody was told, one tap of hers tells the team; without it nobody learns of it.
* Where several women share a chat and none gave her code, it is remembered of each, and told for each who agreed.
* Nothing is remembered of whom nobody knows, and of what nobody was told no words.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.participant.wishes import wish
from bot.stateless import Stateless
from conversations.interpret import read_yes_no
from conversations.reading.courtesies import read_courtesy
from conversations.reading.words import entries, normalise
from conversations.risk import replies
from conversations.risk.dangers import dangers
from conversations.risk.kinds import Danger, Kind
from conversations.session import Sprint
from conversations.speech import Button, ButtonsRemoved, ChatCleaned, Phrase, Said, TapAnswered
from scheduler.dialogue import Attached, Event, Facts, FromHer, Started, TakenUp, Tapped, Wrote
from storage.care import Care, CareFor
from storage.cases import Words
from storage.cases_alerts import when_read
from storage.cleaning import ClearingAsked
from storage.consents import Purpose
from storage.detections import CannotWrite, CanWrite, Detected, FalseAlarm, InDanger, Told, WroteOn
from storage.facts import Person, Who
from storage.gates import Left
from storage.records import About, Need

YES, NOT_NOW, FINE, TELL = "crisis:yes:", "crisis:no", "crisis:fine", "crisis:tell"
"""What the buttons do; of the first the initials of the kinds follow, and whether staff were TOLD, so that it needs no
memory."""

TOLD = "+"

FINE_WORDS = frozenset(
    entries("estoy bien|si estoy bien|ya estoy bien|todo bien|falsa alarma|fue broma|era broma|es broma|no pasa nada")
)
NOT_NOW_WORDS = frozenset(entries("ahora no|ahorita no|no puedo|ahora no puedo|ahorita no puedo|todavia no"))
YES_WORDS = frozenset(entries("si puedo|puedo|ya puedo|si ahora si|ahora si|ahorita si"))

FINE_TAPPED, TELL_TAPPED = "Estoy bien", "Avisar al equipo"
"""What staff read where she tapped it."""

UNSURE = "(sin clave; este teléfono lo usan varias)"
"""What staff read before words that may be of any of several women."""

_BY_INITIAL = {kind[0]: kind for kind in Kind}

CrisisSprint = Sprint[None, Any]


def words_of(event: Event) -> str:
    """What she wrote, or in or below what she sent, or after a command."""
    match event:
        case Started(token=token):
            return token or ""
        case Wrote(text=text):
            return text
        case Attached(caption=caption, within=within):
            return "\n".join(part for part in (within, caption) if part)
        case _:
            return ""


def cannot_wait(event: FromHer, who: Who) -> bool:
    """Whether this is heard without a code, as if from the only woman of the chat, or from each of several."""
    her = _in_danger(who.women)
    if _is_about_danger(event) or her is None:
        return _is_about_danger(event)
    return _reply(event, her) is not None or (_goes_on(event, her) and not _may_be_a_code(event))


def _in_danger(women: Sequence[Person]) -> Person | None:
    """Any of these, where what one of them wrote without her code stands for each."""
    return women[0] if women and all(her.danger is not None for her in women) else None


def _goes_on(event: Event, her: Person) -> bool:
    """Whether this is about the same, as long as it stands."""
    written = isinstance(event, Wrote) and not event.text.startswith("/")
    return her.danger is not None and written and wish(event) is None


def _may_be_a_code(event: Event) -> bool:
    return isinstance(event, Wrote) and len(event.text.split()) == 1


def _is_about_danger(event: Event) -> bool:
    if isinstance(event, Tapped):
        return event.action.startswith((YES, NOT_NOW, FINE, TELL))
    return bool(dangers(words_of(event)))


def _reply(event: Event, her: Person) -> str | None:
    """What she says to what we asked her last, in words."""
    if her.danger is None or not isinstance(event, Wrote) or event.edited:
        return None
    said = normalise(event.text)
    if said in FINE_WORDS:
        return FINE
    if not her.danger.asks:
        return None
    sure = True if said in YES_WORDS else False if said in NOT_NOW_WORDS else read_yes_no(event.text)
    return None if sure is None else YES if sure else NOT_NOW


def _sounds_fine(text: str) -> bool:
    """Whether it begins as if she were fine: "estoy bien asustada" does too, so it is no more than asked."""
    return any(normalise(text).startswith(words) for words in FINE_WORDS)


class Crisis(Stateless):
    """The dialogue of whoever writes of a danger; `amid` says that a first contact stands open beside it."""

    name = "crisis"

    def __init__(self, *, amid: bool = False) -> None:
        self._amid = amid
        dangers("")  # reads the phrases now: the first woman in danger does not wait for it

    def takes(self, event: Event, who: Who) -> bool:
        """Whether this comes before everything else."""
        if not isinstance(event, FromHer):
            return False
        if _is_about_danger(event):
            return True
        if (her := who.person) is None:
            return cannot_wait(event, who)
        return _goes_on(event, her) or _reply(event, her) is not None

    def needs(self, state: None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """What the organisation has to offer."""
        return (care_for(who),)

    def step(self, state: None, event: Event, facts: Facts) -> CrisisSprint:
        """Say what there is to say."""
        said = Saying(facts, event.at, nobodys=self._amid)
        if found := dangers(words_of(event)):
            return Sprint(None, said.detected(found, said.words(words_of(event))))
        if isinstance(event, Tapped):
            return Sprint(None, (TapAnswered(event.tap), *self._tapped(said, event)))
        assert isinstance(event, Wrote)
        return Sprint(None, self._wrote(said, event))

    def _tapped(self, said: Saying, event: Tapped) -> tuple[Any, ...]:
        if event.action == NOT_NOW:
            return said.left()
        if event.action == FINE:
            gone = ChatCleaned(event.session, event.sprint)
            return (gone, *said.fine(event, again=self._amid))
        if event.action == TELL:
            return (ButtonsRemoved(event.session, event.sprint), *said.tell())
        of = event.action.removeprefix(YES)
        kinds = tuple(_BY_INITIAL[one] for one in of if one in _BY_INITIAL)
        return (ButtonsRemoved(event.session, event.sprint), *said.can_write(kinds, told=of.endswith(TOLD)))

    def _wrote(self, said: Saying, event: Wrote) -> tuple[Any, ...]:
        her = said.whose[0]
        stands = her.danger
        assert stands is not None
        reply = _reply(event, her)
        if reply == FINE:
            return said.fine(event, again=self._amid)
        if reply == NOT_NOW:
            return said.left()
        if reply == YES:
            return said.can_write(stands.kinds, told=stands.told)
        if read_courtesy(event.text) is not None:
            return (Said(Phrase("door.here")),)
        return (*said.kept(WroteOn(said.words(event.text))), said.went_on(stands, _sounds_fine(event.text)))


def care_for(who: Who) -> CareFor:
    """What a step needs to know that may have to do with this."""
    return CareFor(None if who.person is None else who.person.participant)


_FINE, _TELL = Button(FINE, replies.FINE), Button(TELL, replies.TELL)


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said to her, by what is known; `nobodys`: she is somebody new, whoever's the chat is besides."""

    facts: Facts
    at: datetime
    nobodys: bool = False

    @property
    def person(self) -> Person | None:
        """She, if it is known who she is."""
        return self.facts.who.person

    @property
    def whose(self) -> tuple[Person, ...]:
        """Of whom it is remembered: of her, or of each who may have written it."""
        if self.person is not None:
            return (self.person,)
        return () if self.nobodys else self.facts.who.women

    def words(self, text: str) -> Words:
        """What she wrote, as staff are to read it."""
        return Words(self.at, text if len(self.whose) < 2 else f"{UNSURE} {text}")

    @property
    def care(self) -> Care:
        """What there is for her."""
        found = self.facts.get(care_for(self.facts.who))
        assert found is not None
        return found

    def answered(self, found: tuple[Danger, ...]) -> tuple[Any, ...]:
        """The same where her answers tell of it: staff read which."""
        return self.detected(found, Words(self.at, " ".join(f"({danger.phrase})" for danger in found)))

    def detected(self, found: tuple[Danger, ...], words: Words) -> tuple[Any, ...]:
        """What follows where this was found in these words."""
        kinds = tuple(dict.fromkeys(danger.kind for danger in found))
        asks, told = replies.asks_first(kinds), [self._tells(kinds, her) for her in self.whose]
        said = self.asking(kinds, told=any(told)) if asks else self.numbers(kinds, told=any(told))
        kept = (Detected(found, words, staff, asks) for staff in told)
        return (*(self._of(her, record) for her, record in zip(self.whose, kept, strict=True)), said)

    def _tells(self, kinds: Collection[Kind], her: Person) -> bool:
        before = her.danger is not None and her.danger.told
        return before or Purpose.ALERTS in her.purposes or (self.care.imminent and Kind.DANGER in kinds)

    def asking(self, kinds: Collection[Kind], *, told: bool) -> Said:
        """Can she write?"""
        action = YES + "".join(kind[0] for kind in kinds) + (TOLD if told else "")
        rows = ((Button(action, replies.YES), Button(NOT_NOW, replies.NOT_NOW)), (_FINE,))
        return self._with(replies.asking(), rows)

    def numbers(self, kinds: Collection[Kind], *, told: bool) -> Said:
        """Whom she can call."""
        row = (_FINE,) if told or not self.whose else (_FINE, _TELL)
        return self.shown(replies.numbers(self.care.lines_for(kinds), team_told=told, read=self._read), row)

    def went_on(self, stands: InDanger, sounds_fine: bool) -> Said:
        """What she gets for what she writes next."""
        row = (_FINE,) if stands.told or not self.whose else (_FINE, _TELL)
        if sounds_fine:
            return self.shown(replies.if_fine(), row)
        if stands.asks:
            return self.asking(stands.kinds, told=stands.told)
        if stands.told and not replies.asks_first(stands.kinds):
            return self.shown(replies.passed(read=self._read), row)
        return self.shown(replies.on(stands.kinds), row)

    def tell(self) -> tuple[Any, ...]:
        """She wants the team to be told after all; a phone that is nobody's any more cannot."""
        if not self.whose:
            return ()
        said = self.shown(replies.told(read=self._read), (_FINE,))
        return (*self.kept(Told(self.words(TELL_TAPPED))), said)

    def shown(self, phrase: Phrase, row: tuple[Button, ...]) -> Said:
        """This, with one row of buttons."""
        return self._with(phrase, (row,))

    def can_write(self, kinds: Collection[Kind], *, told: bool) -> tuple[Any, ...]:
        """The numbers, after her yes."""
        return (*self.kept(CanWrite()), self.numbers(kinds, told=told))

    def left(self) -> tuple[Any, ...]:
        """She cannot write now: all goes from the chat, and nothing is said."""
        return (*self.kept(CannotWrite()), Left(), ClearingAsked())

    def fine(self, event: Tapped | Wrote, *, again: bool) -> tuple[Any, ...]:
        """She is fine; what was asked is asked again, if a sitting or (`again`) a first contact stands open."""
        asked = (TakenUp(Started(event.at)),) if again or self.care.sitting else ()
        text = event.text if isinstance(event, Wrote) else FINE_TAPPED
        return (*self.kept(FalseAlarm(self.words(text))), self._with(replies.WENT_ON), *asked)

    def kept(self, record: Any) -> tuple[Any, ...]:
        """This, remembered of whom it may be about."""
        return tuple(self._of(her, record) for her in self.whose)

    def _of(self, her: Person, record: Any) -> Any:
        return record if her is self.person else About(her.participant, record)

    @property
    def _read(self) -> Phrase | None:
        return when_read(self.care.office, now=self.at)

    def _with(self, phrase: Phrase, rows: tuple[tuple[Button, ...], ...] = ()) -> Said:
        return Said(phrase, rows, self.facts.session, self.facts.sprint)
