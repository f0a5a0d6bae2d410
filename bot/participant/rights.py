"""What she may ask for by law, in her chat: to see what is kept of her, to correct or erase it, to have less done.

* Each is all of one message or one tap: whatever conversation is open stays as it is.
* The file has everything, so it is made at once only for whoever has given a code; else the team asks first who it is.
* Erasing takes a second tap, made soon after the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.library import Library
from bot.participant.own_codes import PURPOSE_KEYS
from bot.participant.own_file import as_file, counted
from bot.participant.purposes import withdrawn
from bot.participant.wishes import stop_asked
from bot.stateless import Stateless
from conversations.reading.words import normalise
from conversations.session import Sprint
from conversations.speech import Button, FileHanded, Phrase, Said, TapAnswered
from scheduler.dialogue import Event, Facts, Tapped, Wrote
from storage.consents import ConsentGiven, Purpose
from storage.erasure import Cause
from storage.facts import Person, Who
from storage.own_data import OwnData
from storage.records import Need
from storage.request_kinds import Kind
from storage.requests import Asked, ErasureAsked

MINE, CORRECT, ERASE, OBJECT = "/misdatos", "/corregir", "/cancelar", "/oponerme"
COMMANDS = frozenset({MINE, CORRECT, ERASE, OBJECT})
MENU_WORDS = frozenset({"menu", "mis derechos"})
MINE_WORDS = frozenset({"mis datos", "ver mis datos", "que saben de mi", "que guardan de mi"})

MENU, FILE, SURE, NO_MORE, STOP = "mine.menu", "mine.file", "mine.erase", "mine.no", "mine.stop"
WITHDRAWN, KEEP = "mine.withdraw", "mine.keep"
COMMAND_OF = {"mine.see": MINE, "mine.fix": CORRECT, "mine.gone": ERASE, "mine.object": OBJECT}
"""What the buttons of the menu stand for."""

MENU_KEYS = ("rights.menu_see", "rights.menu_fix", "rights.menu_object", "rights.menu_gone")
BUTTONS = frozenset({MENU, FILE, SURE, NO_MORE, STOP, WITHDRAWN, KEEP, *COMMAND_OF})
"""What her buttons carry; behind some of them stands what it is about."""

SOON = timedelta(minutes=15)
"""How long the button that erases does so."""

FILE_HOURS = 1
"""How long the file stands in her chat."""

BY_CODE = "codigo"
"""How it is known that it is she: she has given her code."""

LONGEST = 1000

Reply = Sprint[None, Any]


def _asked(event: Event) -> tuple[str, str]:
    """Which of them she wrote or tapped in the menu, and what behind it; "" for none."""
    if isinstance(event, Tapped):
        return COMMAND_OF.get(event.action, ""), ""
    if not isinstance(event, Wrote) or event.edited:
        return "", ""
    first, _, rest = event.text.strip().partition(" ")
    if normalise(event.text).removeprefix("/") in MENU_WORDS:
        return MENU, ""
    if normalise(event.text) in MINE_WORDS:
        return MINE, ""
    return (first.casefold(), rest.strip()) if first.casefold() in COMMANDS else ("", "")


class Rights(Stateless):
    """The dialogue of these requests."""

    name = "rights"

    def __init__(self, library: Library) -> None:
        self._library = library

    def takes(self, event: Event, who: Who, *, sitting: bool) -> bool:
        """Whether this is one of them; in a sitting, "/corregir" alone is about its answers."""
        if who.person is None:
            return False
        if isinstance(event, Tapped):
            return _parts(event.action)[0] in BUTTONS
        command, words = _asked(event)
        return bool(command) and not (command == CORRECT and not words and sitting)

    def needs(self, state: None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """All that is kept of her, where she wants to see it."""
        sees = _asked(event)[0] == MINE or (isinstance(event, Tapped) and event.action == FILE)
        return (OwnData(who.person.participant),) if sees and who.person is not None else ()

    def step(self, state: None, event: Event, facts: Facts) -> Reply:
        """Show, or write down what she asks for."""
        command, words = _asked(event)
        answered = (TapAnswered(event.tap),) if isinstance(event, Tapped) else ()
        if isinstance(event, Tapped) and not command:
            done = self._tapped(event, facts)
            erased = any(isinstance(one, ErasureAsked) for one in done)  # that tap is answered with the number
            return Sprint(None, (*(() if erased else answered), *done))
        return Sprint(None, (*answered, *_commanded(command, words, event=event, facts=facts)))

    def _tapped(self, event: Tapped, facts: Facts) -> tuple[Any, ...]:
        return self._file(facts) if event.action == FILE else _tapped(event, facts)

    def _file(self, facts: Facts) -> tuple[Any, ...]:
        her, found = facts.person, facts.get(OwnData(facts.person.participant))
        proved = proved_by(her)
        if proved is None or found is None:
            return (Said(Phrase("rights.file_by_team")), Asked(her.participant, Kind.ACCESS))
        content = as_file(found, speech=her.speech, zone=her.zone, library=self._library)
        file = FileHanded("archivo.txt", content, facts.session, FILE_HOURS)
        return (Asked(her.participant, Kind.ACCESS, "", proved, settled=True), Said(Phrase("rights.file_here")), file)


def _commanded(command: str, words: str, *, event: Event, facts: Facts) -> tuple[Any, ...]:
    match command:
        case "mine.menu":
            return (_menu(facts),)
        case "/misdatos":
            return (_mine(facts),)
        case "/cancelar":
            return (_said(Phrase("rights.erase_ask"), facts, rows=_erase_rows(event.at)),)
        case "/corregir":
            return _in_words(Kind.CORRECT, words, facts=facts)
        case _ if words:
            return _in_words(Kind.OBJECT, words, facts=facts)
        case _:
            return (_said(Phrase("rights.object_ask"), facts, rows=_object_rows(facts.person)),)


def _menu(facts: Facts) -> Said:
    """All that is hers to ask for, in one place."""
    see, fix, object_, gone = map(Phrase, MENU_KEYS)
    first = (Button("mine.see", see), Button("mine.fix", fix))
    return _said(
        Phrase("rights.menu"), facts, rows=(first, (Button("mine.object", object_), Button("mine.gone", gone)))
    )


def _tapped(event: Tapped, facts: Facts) -> tuple[Any, ...]:
    """What follows a tap on any other button of hers."""
    her, (action, about) = facts.person, _parts(event.action)
    match action:
        case "mine.menu":
            return (_menu(facts),)
        case "mine.erase" | "mine.withdraw" if _is_soon(about, event.at):
            cause = Cause.WITHDRAWN if action == WITHDRAWN else Cause.ERASED
            return (ErasureAsked(her.participant, event.tap, proved_by(her), cause),)
        case "mine.erase" | "mine.withdraw":
            return (Said(Phrase("rights.erase_again")),)
        case "mine.no" if about == Purpose.FOLLOW_UP:
            return (_said(Phrase("rights.withdraw_ask"), facts, rows=_withdraw_rows(event.at)),)
        case "mine.no" if about in her.purposes:
            no = ConsentGiven(her.participant, about, "", "", given=False)
            noted = Asked(her.participant, Kind.OBJECT, about, proved_by(her), settled=True)
            return (no, noted, *withdrawn({about}), Said(Phrase("rights.objected")))
        case "mine.stop":
            return (*stop_asked(), Asked(her.participant, Kind.OBJECT, "", proved_by(her), settled=True))
        case _:
            return (Said(Phrase("rights.kept")),)


def _parts(action: str) -> tuple[str, str]:
    """What a button does, and what it is about."""
    first, _, rest = action.partition(".")
    verb, _, about = rest.partition(".")
    return f"{first}.{verb}", about


def proved_by(her: Person) -> str | None:
    """How it is known that it is she, or None."""
    return BY_CODE if her.gate.kind is not None else None


def _said(phrase: Phrase, facts: Facts, *, rows: tuple[tuple[Button, ...], ...]) -> Said:
    return Said(phrase, rows, facts.session, facts.sprint)


def _mine(facts: Facts) -> Said:
    found = facts.get(OwnData(facts.person.participant)) or {}
    rows = ((Button(FILE, Phrase("rights.file_button")),),)
    return Said(Phrase("rights.mine", counted(found, facts.person)), rows, facts.session, facts.sprint)


def _erase_rows(at: datetime) -> tuple[tuple[Button, ...], ...]:
    return _sure(SURE, Phrase("rights.erase_sure"), at=at)


def _withdraw_rows(at: datetime) -> tuple[tuple[Button, ...], ...]:
    return _sure(WITHDRAWN, Phrase("rights.withdraw_sure"), at=at)


def _sure(action: str, phrase: Phrase, *, at: datetime) -> tuple[tuple[Button, ...], ...]:
    sure = Button(f"{action}.{int(at.timestamp())}", phrase)
    return ((sure,), (Button(KEEP, Phrase("rights.erase_not")),))


def _is_soon(about: str, at: datetime) -> bool:
    return about.isdecimal() and 0 <= at.timestamp() - int(about) <= SOON.total_seconds()


def _object_rows(her: Person) -> tuple[tuple[Button, ...], ...]:
    each = [(Button(f"{NO_MORE}.{one}", Phrase(key)),) for one, key in PURPOSE_KEYS.items() if one in her.purposes]
    return (*each, (Button(STOP, Phrase("rights.purpose_messages")),))


def _in_words(kind: Kind, words: str, *, facts: Facts) -> tuple[Any, ...]:
    if not words:
        return (Said(Phrase("rights.correct_how")),)
    her = facts.person
    return (Asked(her.participant, kind, words[:LONGEST], proved_by(her)),)
