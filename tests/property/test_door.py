"""The door over any sequence of what she may do: no message is lost, none is passed unasked, none is passed twice, and
what asks for help is passed at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.participant.door import PASS_BUTTON, Door, Holding
from conversations.reading.pleas import asks_for_a_person
from conversations.speech import ButtonsRemoved, Said, TapAnswered
from scheduler.dialogue import Attached, Event, Facts, FileSent, Tapped, TimeIsUp, Wrote
from storage.cases import CaseNow, CaseState, MessagePassed, Words
from storage.facts import Person, Who
from storage.files import VoiceKept

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
SESSION = 77
WHO = Who(Person(1, "es", "America/Mexico_City", "manana", "Rosa", ("seguimiento", "voz"), enrolled=True))

MESSAGES = st.sampled_from(["quiero contarles algo", "no me han llamado", "ya no necesito ayuda con eso"]).map(
    lambda text: Wrote(AT, text)
)
VOICES = st.just(Attached(AT, "voice", FileSent("f", 10, "", 5)))
PHOTOS = st.just(Attached(AT, "photo"))
CAPTIONED = st.just(Attached(AT, "photo", caption="mi recibo de luz"))
PLEAS = st.sampled_from(
    [Wrote(AT, "necesito hablar de mis papeles"), Wrote(AT, "sí, me urge"), Attached(AT, "photo", caption="ayuda")]
)
SMALL_TALK = st.sampled_from([Wrote(AT, text) for text in ("hola", "gracias", "👍", "/algo", "luego")])
PASSED = st.sampled_from([Tapped(AT, "t", SESSION, 0, PASS_BUTTON), Wrote(AT, "sí")])
DROPPED = st.sampled_from([Wrote(AT, "no"), TimeIsUp(AT)])


@given(st.lists(MESSAGES | VOICES | PHOTOS | CAPTIONED | SMALL_TALK | PLEAS | PASSED | DROPPED, max_size=20))
def test_what_she_sends_waits_and_is_passed_once_or_dropped_at_her_word(events: list[Event]) -> None:
    door, state = Door(), None
    waiting: list[tuple[str, str]] = []
    for sprint, event in enumerate(events, start=1):
        at = AT + timedelta(minutes=sprint)
        event = replace(event, at=at)
        sent, asks = _as_held(event), _asks_for_help(event)
        stepped = door.step(state, event, Facts(WHO, SESSION, sprint))
        passed = [effect.words for effect in stepped.effects if isinstance(effect, MessagePassed)]
        voices = [effect.ref for effect in stepped.effects if isinstance(effect, VoiceKept)]
        if asks:
            meant = waiting if isinstance(event, Wrote) and event.text.startswith("sí") else []
            assert [_plain(words) for words in passed] == [[*meant, *sent]]
            waiting = [] if meant else waiting
        elif sent:
            waiting += sent
            assert not passed
        elif state is not None and stepped.session is None:
            assert [_plain(words) for words in passed] in ([], [waiting])
            assert len(set(voices)) == len(voices) == (waiting.count(("", "voice")) if passed else 0)
            assert passed or event in (Wrote(at, "no"), TimeIsUp(at))
            waiting = []
        else:
            assert not passed
        _stays_tidy(state, event, stepped.effects)
        state = None if stepped.session is None else door.load(door.dump(stepped.session))
        assert _plain(tuple(held.words for held in state.held) if state is not None else ()) == waiting


def _as_held(event: Event) -> list[tuple[str, str]]:
    match event:
        case Attached(kind=kind, caption=caption):
            return [("", kind), *([(caption, "text")] if caption else [])]
        case Wrote(text=text) if len(text.split()) > 2:
            return [(text, "text")]
        case _:
            return []


def _asks_for_help(event: Event) -> bool:
    words = event.caption if isinstance(event, Attached) else event.text if isinstance(event, Wrote) else ""
    return words == "ayuda" or asks_for_a_person(words)


def _plain(words: tuple[Words, ...]) -> list[tuple[str, str]]:
    return [(one.text, one.kind) for one in words]


def _stays_tidy(state: Holding | None, event: Event, effects: tuple[Any, ...]) -> None:
    """Something is said to whatever she does, in one message beside the buttons that go; time alone says nothing."""
    said = [effect for effect in effects if isinstance(effect, Said)]
    toasts = [effect for effect in effects if isinstance(effect, TapAnswered)]
    gone = [effect.sprint for effect in effects if isinstance(effect, ButtonsRemoved)]
    assert gone in ([], [state.shown_in] if state else [])
    if isinstance(event, TimeIsUp):
        assert not said
    elif isinstance(event, Tapped):
        assert len(toasts) == 1
        assert len(said) == (state is not None)
    else:
        assert len(said) == 1


@given(st.lists(st.sampled_from(CaseState), max_size=3))
def test_how_things_stand_is_told_with_the_menu_and_only_while_something_is_open(states: list[CaseState]) -> None:
    assert WHO.person is not None
    who = Who(replace(WHO.person, cases=tuple(CaseNow("ayuda", state) for state in states)))
    stepped = Door().step(None, Wrote(AT, "quiero contarles algo"), Facts(who, SESSION, 1))
    keys = [effect.phrase.key for effect in stepped.effects if isinstance(effect, Said)]
    unresolved = set(states) - {CaseState.RESOLVED}
    told = {
        frozenset({CaseState.OPEN}): ["case.open"],
        frozenset({CaseState.ON_ITS_WAY}): ["case.on_its_way"],
        frozenset(CaseState) - {CaseState.RESOLVED}: ["case.partly_on_its_way"],
    }
    assert keys == [*told.get(frozenset(unresolved), []), "door.held"]
