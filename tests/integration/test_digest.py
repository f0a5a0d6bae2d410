"""The weekly message: to whom, when, once, and with which numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.staff.digest import BAR, EMPTY, FULL, bar, told
from conversations.office import Office
from scheduler.digest import Digests, last_monday
from storage import cases_office, ledger, members, people, request_terms, requests, schema
from storage.cases_kinds import CALL, MESSAGE
from storage.digest import Digest, Share, look
from storage.fates import CheckinState, Fate
from storage.ledger import NewCheckin
from storage.members import Role
from storage.outcomes.work import IN_FREEDOM, NO_WORK, WITH_EMPLOYER, Status
from storage.people import NewParticipant
from storage.request_kinds import Kind
from storage.schema import accounts, cases, checkins, employments, incomes, outbox, staff
from tests.support.chat import Bot, Chat
from tests.support.staff import at_work, member
from tests.support.world import START, Store

MEXICO, TIJUANA = ZoneInfo("America/Mexico_City"), ZoneInfo("America/Tijuana")
MONDAY = datetime(2026, 3, 2, tzinfo=MEXICO)
DAY = timedelta(days=1)
WEEK = 7 * DAY


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


@pytest.fixture
def weekly(store: Store) -> Digests:
    return Digests(store.database, told=told)


# --- when, and what a share tells


@pytest.mark.parametrize(
    ("now", "zone", "monday"),
    [
        (datetime(2026, 3, 2, 9, 0, tzinfo=MEXICO), MEXICO, date(2026, 3, 2)),
        (datetime(2026, 3, 2, 8, 59, tzinfo=MEXICO), MEXICO, date(2026, 2, 23)),
        (datetime(2026, 3, 8, 23, 0, tzinfo=MEXICO), MEXICO, date(2026, 3, 2)),
        (datetime(2026, 3, 9, 16, 0, tzinfo=UTC), TIJUANA, date(2026, 3, 9)),  # summer time began the day before
        (datetime(2026, 3, 9, 15, 59, tzinfo=UTC), TIJUANA, date(2026, 3, 2)),
    ],
)
def test_it_is_told_from_monday_at_nine_on(now: datetime, zone: ZoneInfo, monday: date) -> None:
    assert last_monday(now, zone) == monday


@given(st.integers(0, 60), st.integers(0, 60))
def test_no_percentage_tells_a_few_women_apart(count: int, others: int) -> None:
    percent = Share(count, count + others).percent
    assert (percent is None) == (count + others < 10 or min(count, others) < 5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_bar_has_one_length_and_shows_what_is_not_nothing(count: int, more: int) -> None:
    drawn = bar(count, count + more)
    assert (len(drawn), set(drawn) <= {FULL, EMPTY}) == (BAR, True)
    assert (FULL in drawn) == (count > 0)
    assert drawn == FULL * drawn.count(FULL) + EMPTY * drawn.count(EMPTY)


# --- to whom, and once


async def reader(bot: Bot, role: Role = Role.COORDINATOR) -> Chat:
    chat = await member(bot, role)
    await chat.say("/resumen")
    await chat.tap("Quiero recibirlo")
    return chat


def digests_in(chat: Chat) -> list[str]:
    return [text for text in chat.texts if text.startswith("Resumen de la semana")]


async def test_whoever_wants_it_gets_it_once_a_week(bot: Bot, weekly: Digests) -> None:
    lupe = await reader(bot)
    assert "Recibes el resumen" in lupe.last.text
    assert [await weekly.step(), await weekly.step()] == [1, 0]
    await bot.settle()
    (said,) = digests_in(lupe)
    assert "23 de febrero de 2026 a 1 de marzo de 2026" in said
    bot.store.clock.at = START + 6 * DAY
    assert await weekly.step() == 0
    bot.store.clock.at = START + WEEK
    assert await weekly.step() == 1


async def test_nobody_gets_it_unasked_and_it_can_be_given_up(bot: Bot, weekly: Digests) -> None:
    lupe = await member(bot)
    assert await weekly.step() == 0
    await lupe.say("/resumen")
    await lupe.tap("Quiero recibirlo")
    await lupe.tap("Ya no lo quiero")
    assert "No recibes" in lupe.last.text
    assert await weekly.step() == 0


async def test_wanting_it_again_in_the_same_week_brings_no_second_one(bot: Bot, weekly: Digests) -> None:
    lupe = await reader(bot)
    await weekly.step()
    await lupe.tap("Ya no lo quiero")
    await lupe.tap("Quiero recibirlo")
    assert await weekly.step() == 0


@pytest.mark.parametrize("change", [{"role": Role.STAFF}, {"revoked_at": START}])
async def test_whoever_may_not_see_all_any_more_gets_none(bot: Bot, weekly: Digests, change: dict[str, Any]) -> None:
    await reader(bot)
    async with bot.store.database.transact() as tx:
        await tx.run(update(staff).values(**change))
    assert await weekly.step() == 0


async def test_a_chat_that_is_shut_waits(bot: Bot, weekly: Digests) -> None:
    await reader(bot)
    async with bot.store.database.transact() as tx:
        await tx.run(update(accounts).values(blocked_at=START))
    assert await weekly.step() == 0
    async with bot.store.database.transact() as tx:
        await tx.run(update(accounts).values(blocked_at=None))
    assert await weekly.step() == 1


@pytest.mark.parametrize("role", [Role.STAFF, Role.AUDITOR])
async def test_others_do_not_learn_of_it(bot: Bot, role: Role) -> None:
    lupe = await member(bot, role)
    assert await lupe.say("/resumen") == await lupe.say("/nada")


async def test_after_a_crash_it_is_told_once(bot: Bot, store: Store, weekly: Digests) -> None:
    lupe = await reader(bot)

    def crash(digest: Digest, zone: ZoneInfo) -> Any:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await Digests(store.database, told=crash).step()
    async with store.database.read() as tx:
        assert not (await tx.run(select(outbox.c.id).where(outbox.c.origin.like("digest:%")))).all()
    assert await Digests(store.database, told=told).step() == 1
    assert await weekly.step() == 0
    await bot.settle()
    assert len(digests_in(lupe)) == 1


async def test_three_weeks_without_a_bot_bring_one_message(bot: Bot, weekly: Digests) -> None:
    lupe = await reader(bot)
    bot.store.clock.at = START + 3 * WEEK + 2 * DAY
    assert [await weekly.step(), await weekly.step()] == [1, 0]
    await bot.settle()
    (said,) = digests_in(lupe)
    assert "16 de marzo de 2026 a 22 de marzo de 2026" in said


async def test_nine_o_clock_is_that_of_the_office(bot: Bot, weekly: Digests) -> None:
    await reader(bot)
    async with bot.store.database.transact() as tx:
        await cases_office.keep(tx, Office(zone="America/Tijuana"), group=None)
        await tx.run(update(staff).values(digested_on=date(2026, 2, 23)))
    bot.store.clock.at = datetime(2026, 3, 2, 8, 30, tzinfo=TIJUANA)  # half past ten in Mexico City
    assert await weekly.step() == 0
    bot.store.clock.at += timedelta(minutes=30)
    assert await weekly.step() == 1


async def test_it_opens_without_the_pin_since_it_names_nobody(bot: Bot) -> None:
    lupe = await at_work(bot)
    await bot.pass_time(hours=2)
    await lupe.say("/resumen")
    assert "No recibes" in lupe.last.text


# --- what it says


async def women(store: Store, count: int) -> list[int]:
    """So many women with a check-in each whose time has come."""
    async with store.database.transact() as tx:
        new = [NewParticipant(f"R-{n}", "Rosa Prueba", "America/Mexico_City", "5550001111") for n in range(count)]
        found = await people.add_participants(tx, new)
        rows = [
            NewCheckin(
                participant=her,
                plan="p",
                point="m1",
                series="m1",
                instrument="i",
                state=CheckinState.EXPECTED,
                next_at=MONDAY,
                due_on=date(2026, 2, 20),
                opens_at=MONDAY - 10 * DAY,
                closes_at=MONDAY + 10 * DAY,
            )
            for her in found
        ]
        await ledger.expect(tx, rows)
        await tx.run(update(checkins).values(added_at=MONDAY - 20 * DAY))
    return found


async def ended(store: Store, hers: list[int], fate: Fate, at: datetime, *, started: bool = False) -> None:
    values = {"state": CheckinState.CLOSED, "fate": fate, "closed_at": at, "invited_at": MONDAY - 9 * DAY}
    async with store.database.transact() as tx:
        theirs = update(checkins).where(checkins.c.participant_id.in_(hers))
        await tx.run(theirs.values(**values, started_at=at - DAY if started else None))


async def put(store: Store, table: Any, rows: list[dict[str, Any]]) -> None:
    async with store.database.transact() as tx:
        await tx.run(table.insert(), [{"id": tx.ids.random(), **row} for row in rows])


def case(her: int, kind: str, opened: datetime, closed: datetime | None = None) -> dict[str, Any]:
    state = "open" if closed is None else "resolved"
    return {
        "participant_id": her,
        "kind": kind,
        "state": state,
        "opened_at": opened,
        "due_at": opened + DAY,
        "closed_at": closed,
    }


def work(her: int, status: Status, on: date) -> dict[str, Any]:
    kind = WITH_EMPLOYER if status is Status.OCCUPIED else NO_WORK
    learned = datetime.combine(on, datetime.min.time(), MEXICO)
    row = {"participant_id": her, "kind": kind, "scope": IN_FREEDOM, "status": status, "as_of_on": on}
    return {**row, "learned_at": learned}


def pay(her: int, monthly: int, on: date, *, factors: str = "1") -> dict[str, Any]:
    learned = datetime.combine(on, datetime.min.time(), MEXICO)
    money = {"amount": Decimal(monthly), "monthly": Decimal(monthly), "factor_version": factors, "period": "mes"}
    row = {"participant_id": her, "moment": "actual", "scope": IN_FREEDOM, "as_of_on": on, "learned_at": learned}
    return {**row, **money}


async def test_all_of_it(bot: Bot, store: Store, weekly: Digests) -> None:
    hers = await women(store, 20)
    await ended(store, hers[:6], Fate.COMPLETED, MONDAY - 3 * DAY, started=True)
    await ended(store, hers[6:8], Fate.UNREACHABLE, MONDAY - 2 * DAY)
    await ended(store, hers[8:9], Fate.NOT_DUE, MONDAY - 2 * DAY)
    await ended(store, hers[9:10], Fate.REFUSED, MONDAY + timedelta(hours=1))  # of the next week
    await ended(store, hers[10:12], Fate.PARTIAL, MONDAY - 8 * DAY, started=True)  # of the week before
    early, late = date(2026, 1, 10), date(2026, 2, 10)
    jobs = [work(her, Status.UNEMPLOYED, early) for her in hers[:12]]
    jobs += [work(her, Status.OCCUPIED, late) for her in hers[:7]]
    await put(store, employments, jobs)
    await put(store, incomes, [pay(her, 1000, early) for her in hers[:10]] + [pay(hers[0], 3000, late)])
    three = [
        case(hers[n], MESSAGE, MONDAY - 5 * DAY, MONDAY - 5 * DAY + hours * timedelta(hours=1))
        for n, hours in ((0, 2), (1, 5), (2, 40))
    ]
    open_ones = [case(hers[3], MESSAGE, MONDAY - 2 * DAY), case(hers[4], MESSAGE, MONDAY - timedelta(hours=3))]
    await put(store, cases, [*three, *open_ones, case(hers[5], CALL, MONDAY - DAY)])
    lupe = await reader(bot)
    await weekly.step()
    await bot.settle()
    (said,) = digests_in(lupe)
    assert said.splitlines() == [
        "Resumen de la semana",
        "23 de febrero de 2026 a 1 de marzo de 2026",
        "",
        "Terminaron 8 seguimientos.",
        "completos 6 · en parte 0 · no quiso 0 · sin localizar 2 · en pausa 0 · falla nuestra 0",
        "Tasa de respuesta RR1 (completos): 75 % · 6 de 8",
        "Tasa de respuesta RR2 (con parciales): 75 % · 6 de 8",
        "",
        "Todos los seguimientos hasta ahora",
        "▓▓▓▓▓▓▓▓▓▓ 11 ya tocaban",
        "▓▓▓▓▓▓▓▓▓▓ 11 con invitación",
        "▓▓▓▓▓▓▓░░░ 8 empezaron",
        "▓▓▓▓▓░░░░░ 6 completos",
        "Tasa de respuesta RR1 (completos): 60 % · 6 de 10",
        "Tasa de respuesta RR2 (con parciales): 80 % · 8 de 10",
        "",
        "Casos abiertos: 2, vencidos: 1. Llamadas por hacer: 1.",
        "3 casos cerrados en la semana; esperaron 5 h (mediana).",
        "",
        "Lo último que contaron",
        "Trabajan: 58 % (n = 12)",
        "Ingreso al mes, mediana: $1,000 (n = 10)",
        "Ganan más que al principio: — (n = 1)",
        "",
        "Es lo que ellas cuentan, sin grupo de comparación. Con muy pocas no se da porcentaje (—).",
    ]


async def test_an_empty_store_is_told_without_shares(bot: Bot, weekly: Digests) -> None:
    lupe = await reader(bot)
    await weekly.step()
    await bot.settle()
    (said,) = digests_in(lupe)
    assert "Terminaron 0 seguimientos." in said
    assert "Tasa" not in said
    assert "Trabajan: — (n = 0)" in said
    assert EMPTY * BAR + " 0 ya tocaban" in said


async def test_incomes_of_other_factors_are_not_compared(store: Store) -> None:
    hers = await women(store, 12)
    early, late = date(2026, 1, 10), date(2026, 2, 10)
    alike = [pay(her, 1000, early) for her in hers[:6]] + [pay(her, 2000, late) for her in hers[:6]]
    other = [pay(her, 1000, early, factors="0") for her in hers[6:]] + [pay(her, 2000, late) for her in hers[6:]]
    await put(store, incomes, alike + other)
    async with store.database.read() as tx:
        found = await look(tx, MONDAY - WEEK, MONDAY)
    assert (found.earns_more, found.with_income, found.income) == (Share(6, 6), 12, Decimal(2000))


async def test_wanting_it_is_written_down(bot: Bot) -> None:
    await reader(bot)
    async with bot.store.database.read() as tx:
        (one,) = await members.listed(tx)
        assert (await tx.run(select(staff.c.wants_digest).where(staff.c.id == one.staff))).scalar_one()


async def test_what_was_asked_for_by_law_is_told_with_what_is_near_and_what_is_late(bot: Bot, weekly: Digests) -> None:
    lupe = await reader(bot)
    asked_at = (MONDAY - 30 * DAY, MONDAY - 20 * DAY, MONDAY)
    (her,) = await women(bot.store, 1)
    async with bot.store.database.transact() as tx:
        numbers = [(await requests.open_request(tx, requests.Asked(her, Kind.CORRECT)))[0] for _ in asked_at]
        for number, at in zip(numbers, asked_at, strict=True):
            due = Office().day_after(at, request_terms.ANSWER_DAYS)
            asked = schema.requests.c.number == number
            await tx.run(update(schema.requests).where(asked).values(asked_at=at, answer_by_on=due))
    bot.store.clock.at = MONDAY + WEEK + timedelta(hours=9)
    await weekly.step()
    await bot.settle()
    (said,) = digests_in(lupe)
    assert "Solicitudes sobre datos. Abiertas: 3. Por vencer: 1. Vencidas: 1. Están en /derechos." in said
