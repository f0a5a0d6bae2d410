"""Calls and contacts at the command line: the list, an attempt and what follows, the words to say, whom she permits."""

import asyncio
import json
from datetime import date

import pytest
from sqlalchemy import select, update

from bot.clock import DemoClock
from storage import audit, cases, ledger, people, stops
from storage.call_desk import NextCall
from storage.database import Tx
from storage.fates import CheckinState
from storage.ledger import NewCheckin
from storage.members import Member, Role
from storage.people import NewParticipant
from storage.schema import audit as trail
from storage.schema import checkins, participants, preferences, vault
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.world import START, Store

ADD = ("contacts", "add", "LC-001", "--name", "Ana Ejemplo", "--relation", "amistad")
PERMITTED = (*ADD, "--phone", "55 5000 2222", "--how", "en_persona")
ATTEMPT = ("calls", "attempt", "LC-001", "--disposition")


@pytest.fixture
async def women(store: Store) -> dict[str, int]:
    """LC-001, to be called about m1, and LC-002, of whom there is no number and nothing to ask."""
    registered = [
        NewParticipant("LC-001", "Rosa Prueba", "America/Tijuana", "5550001111"),
        NewParticipant("LC-002", "Luz Ejemplo", "America/Mexico_City"),
    ]
    async with store.database.transact() as tx:
        rosa, luz = await people.add_participants(tx, registered)
        m1 = NewCheckin(
            participant=rosa,
            plan="seguimiento",
            point="m1",
            series="m1",
            instrument="seguimiento",
            state=CheckinState.EXPECTED,
            next_at=START,
            due_on=date(2026, 3, 2),
            opens_at=START,
            closes_at=START.replace(day=20),
        )
        await ledger.expect(tx, [m1])
        checkin = (await tx.run(select(checkins.c.id))).scalar_one()
        await cases.open_cases(tx, [(rosa, cases.CALL, checkin), (rosa, "ayuda", None)])
    return {"LC-001": rosa, "LC-002": luz}


@pytest.fixture
def operator(store: Store, women: dict[str, int]) -> Operator:
    """Somebody at the command line, nine days later: a Wednesday, eight in the morning in Mexico City."""
    clock = store.home / "clock"
    clock.touch()
    DemoClock(clock).move_to(START.replace(day=11, hour=14))
    return Operator(store.home, {"HILO_BOT_API_URL": NOBODY_LISTENS, "HILO_DEMO_CLOCK": str(clock)})


def contact(operator: Operator) -> str:
    """The id of a contact of LC-001, just kept."""
    return operator.done(*PERMITTED).split()[-1]


async def actions(store: Store) -> list[str]:
    async with store.database.read() as tx:
        assert await audit.verify(tx) is None
        return [row.action for row in await tx.run(select(trail).order_by(trail.c.number))]


def test_the_list_says_what_a_caller_must_know_and_names_nobody(operator: Operator) -> None:
    assert operator.done("calls") == (
        "LC-001\tdue 2026-03-05 08:00-08:00\tsilent 8 days\tabout m1\tcloses 2026-03-20\tphone known\ttried 0"
        "\tcontacts 0\tneeds ayuda\n"
    )
    (told,) = operator.read("calls")
    assert told == {
        "record_id": "LC-001",
        "due_at": "2026-03-05T16:00:00+00:00",
        "opened_at": "2026-03-02T16:00:00+00:00",
        "point": "m1",
        "needs": ["ayuda"],
        "silent_since": "2026-03-02T16:00:00+00:00",
        "closes_at": "2026-03-20T16:00:00+00:00",
        "has_phone": True,
        "phone_wrong": False,
        "tried": 0,
        "contacts": 0,
        "days_silent": 8,
    }


async def first_call(tx: Tx) -> int | None:
    """The woman whom a coordinator is shown first."""
    call = await NextCall(Member(1, Role.COORDINATOR)).find(tx)
    return None if call is None else call.woman


async def test_of_whom_something_cannot_be_read_keeps_nobody_else_off_the_list(
    operator: Operator, store: Store, women: dict[str, int]
) -> None:
    async with store.database.transact() as tx:
        await cases.open_cases(tx, [(women["LC-002"], cases.CALL, None)])
        damaged = update(preferences).where(preferences.c.participant_id == women["LC-001"])
        await tx.run(damaged.values(zone="America/Gone"))
    result = await asyncio.to_thread(operator.types, "calls")
    assert result.exit_code == 0, result.output
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["LC-002"]
    assert "left out: LC-001: something that is kept of her cannot be read" in result.stderr
    async with store.database.transact() as tx:
        assert await first_call(tx) == women["LC-002"]
        sealed = update(vault).where(vault.c.participant_id == women["LC-001"])
        await tx.run(damaged.values(zone="America/Tijuana"))
        await tx.run(sealed.values(name=b"damaged"))
        assert await first_call(tx) == women["LC-002"]
    result = await asyncio.to_thread(operator.types, "calls", "--json")
    assert [one["record_id"] for one in json.loads(result.stdout)] == ["LC-002"]
    assert "left out: LC-001" in result.stderr


def test_who_did_not_answer_is_called_another_day_at_another_hour(operator: Operator) -> None:
    said = operator.done(*ATTEMPT, "no_answer")
    assert said.splitlines() == [
        "LC-001: no_answer (AAPOR 3.13): nadie contesta",
        "call again 2026-03-12 12:50-07:00",
    ]
    (told,) = operator.read("calls")
    assert (told["due_at"], told["tried"]) == ("2026-03-12T19:50:00+00:00", 1)
    operator.done(*ATTEMPT, "callback", "--again", "2026-03-16")
    assert operator.read("calls")[0]["due_at"] == "2026-03-17T16:00:00+00:00"  # the 16th is the third Monday of March
    assert "name a day after today" in operator.refused(*ATTEMPT, "callback", "--again", "2026-03-11")


def test_what_was_tried_is_shown_with_her(operator: Operator) -> None:
    assert operator.read("participants", "show", "LC-001")["attempts"] == []
    ana = contact(operator)
    operator.done(*ATTEMPT, "no_answer", "--note", "de prueba")
    operator.done(*ATTEMPT, "message_left", "--contact", ana, "--channel", "visita")
    shown = [line.split("\t") for line in operator.done("participants", "show", "LC-001").splitlines()]
    lines = [cells[1:] for cells in shown if cells[0] == "attempt"]
    assert [at.partition(" ")[0] for at, *_ in lines] == ["2026-03-11"] * 2
    assert [met for _, *met in lines] == [
        ["telefono", "nadie contesta"],
        ["visita (of a contact)", "contestó otra persona, que le dará el recado"],
    ]
    told = operator.read("participants", "show", "LC-001")["attempts"]
    assert [(one["channel"], one["disposition"], one["asked_contact"]) for one in told] == [
        ("telefono", "no_answer", False),
        ("visita", "message_left", True),
    ]
    assert all(one["at"].startswith("2026-03-11T14:") for one in told)


async def stopped(store: Store, her: int) -> bool:
    async with store.database.read() as tx:
        return bool(await stops.in_force(tx, [her]))


async def test_her_refusal_is_her_stop(operator: Operator, store: Store, women: dict[str, int]) -> None:
    result = await in_thread(operator, *ATTEMPT, "refused")
    assert "no call is due" in result
    assert await stopped(store, women["LC-001"])
    assert "stopped" in await actions(store)


async def in_thread(operator: Operator, *command: str) -> str:
    """A command beside the test's own loop."""
    return await asyncio.to_thread(operator.done, *command)


@pytest.mark.parametrize(
    ("disposition", "advice"),
    [
        ("died", "hilo participants set LC-001 --died"),
        ("in_prison", "she rests (reingreso) until her next release is known"),
        ("unable", "hilo participants pause LC-001 --kind hospital"),
        ("interviewed", "cannot be entered here yet"),
    ],
)
def test_what_the_attempt_does_not_do_itself_is_told(operator: Operator, disposition: str, advice: str) -> None:
    assert advice in operator.types(*ATTEMPT, disposition).stderr
    assert operator.read("calls") == []


async def test_who_is_told_to_have_died_is_written_to_no_more(
    operator: Operator, store: Store, women: dict[str, int]
) -> None:
    await in_thread(operator, *ATTEMPT, "died")
    shown = await asyncio.to_thread(operator.read, "participants", "show", "LC-001")
    assert {(one["fate"], one["reason"]) for one in shown["checkins"]} == {("not_due", "died")}
    await in_thread(operator, "participants", "set", "LC-001", "--died", "2026-03-09")
    async with store.database.read() as tx:
        found = await tx.run(select(participants.c.died_on).where(participants.c.id == women["LC-001"]))
        assert found.scalar_one() == date(2026, 3, 9)


def test_numbers_that_fail_and_numbers_that_change(operator: Operator) -> None:
    operator.done(*ATTEMPT, "wrong_number")
    assert "phone is wrong" in operator.done("calls")
    assert operator.done("calls", "script", "LC-001").startswith("5550001111 (not hers, as far as is known)\n")
    operator.done(*ATTEMPT, "changed_number", "--new-phone", "55 9999 8888")
    assert "phone known" in operator.done("calls")
    assert operator.done("calls", "script", "LC-001").startswith("5599998888\n")


def test_what_cannot_be_is_refused_and_leaves_nothing(operator: Operator) -> None:
    ana = contact(operator)
    assert "needs --new-phone" in operator.refused(*ATTEMPT, "changed_number")
    told = operator.refused(*ATTEMPT, "busy", "--new-phone", "12345")
    assert "--new-phone: write one Mexican number" in told
    assert "12345" not in told
    assert "leave out --contact" in operator.refused(*ATTEMPT, "interviewed", "--contact", ana)
    assert "was not named by LC-002" in operator.refused(
        "calls", "attempt", "LC-002", "--disposition", "busy", "--contact", ana
    )
    assert "there is no contact 42" in operator.refused(*ATTEMPT, "busy", "--contact", "42")
    assert "nobody is registered" in operator.refused("calls", "attempt", "LC-9", "--disposition", "busy")
    assert operator.types(*ATTEMPT, "perhaps").exit_code == 2
    assert operator.read("calls")[0]["tried"] == 0


def test_the_words_for_her_call_her_as_she_is_called(operator: Operator) -> None:
    said = operator.done("calls", "script", "LC-001", "--caller", "Lucía").splitlines()
    assert said[:2] == ["5550001111", "— Buen día. Soy Lucía. ¿Está Rosa, por favor?"]
    assert "(tu nombre)" in operator.done("calls", "script", "LC-001")
    assert "LC-002 has no phone number" in operator.refused("calls", "script", "LC-002")
    assert operator.types("calls", "script").exit_code == 2


def test_the_words_for_a_contact(operator: Operator) -> None:
    ana = contact(operator)
    said = operator.done("calls", "script", "--contact", ana, "--caller", "Lucía").splitlines()
    assert said[:2] == ["5550002222", "— Buen día. Soy Lucía. ¿Hablo con Ana Ejemplo?"]
    operator.done("contacts", "withdraw", ana)
    assert "there is no contact" in operator.refused("calls", "script", "--contact", ana)


def test_a_contact_needs_her_permission_and_how_she_gave_it(operator: Operator) -> None:
    assert operator.types(*ADD, "--phone", "5550002222").exit_code == 2
    told = operator.refused(*ADD, "--phone", "5550002222", "--how", "llamada", "--on", "2026-03-12")
    assert "has not come yet" in told
    assert "--phone: write one Mexican number" in operator.refused(*ADD, "--phone", "x", "--how", "llamada")
    assert operator.read("contacts", "list", "LC-001") == []
    operator.done(*ADD, "--phone", "5550002222", "--how", "por_escrito", "--on", "2026-03-01")
    (told_of,) = operator.read("contacts", "list", "LC-001")
    assert (told_of["permitted_how"], told_of["permitted_at"]) == ("por_escrito", "2026-03-01T08:00:00+00:00")


def test_contacts_are_listed_and_forgotten(operator: Operator) -> None:
    ana = contact(operator)
    line = f"{ana}\tAna Ejemplo\t5550002222\tamistad\tpermitted 2026-03-11 (en_persona)\n"
    assert operator.done("contacts", "list", "LC-001") == line
    assert operator.read("calls")[0]["contacts"] == 1
    operator.done(*ATTEMPT, "disconnected", "--contact", ana)
    assert operator.done("contacts", "list", "LC-001") == line.replace("\n", "\twrong number\n")
    operator.done("contacts", "withdraw", ana)
    (gone,) = operator.read("contacts", "list", "LC-001")
    assert (gone["name"], gone["phone"], gone["withdrawn_at"] is None) == (None, None, False)
    assert "there is no contact" in operator.refused("contacts", "withdraw", ana)


def test_a_contact_who_is_not_safe_is_told_to_nobody(operator: Operator) -> None:
    ana = contact(operator)
    operator.done("contacts", "unsafe", ana)
    (kept,) = operator.read("contacts", "list", "LC-001")
    assert (kept["name"], kept["phone"], kept["unsafe_at"] is None) == ("Ana Ejemplo", None, False)
    assert "there is no contact" in operator.refused("calls", "script", "--contact", ana)
    assert "there is no contact" in operator.refused("contacts", "unsafe", ana)


async def test_reading_is_written_down_and_nothing_of_it_stands_plain(operator: Operator, store: Store) -> None:
    await in_thread(operator, *PERMITTED)
    await in_thread(operator, "contacts", "list", "LC-001")
    await in_thread(operator, "calls", "script", "LC-001")
    await in_thread(operator, *ATTEMPT, "callback", "--note", "prefiere las tardes")
    assert (await actions(store))[-4:] == ["contact_added", "contacts_read", "phone_read", "attempt_recorded"]
    plain = b"".join(path.read_bytes() for path in store.home.glob("hilo.sqlite3*"))
    for secret in ("prefiere las tardes", "Ana Ejemplo", "5550002222", "5550001111"):
        assert secret.encode() not in plain
