"""Who is to be called and in which order, what each attempt brings about, and whom a woman permits to be asked."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from storage import audit, calls, cases, contacts, ledger, pauses, people, stops
from storage.calls import MEANINGS, Attempt, Disposition, Task
from storage.contacts import NewContact, Relation
from storage.database import Tx
from storage.fates import CheckinState
from storage.ledger import NewCheckin
from storage.pauses import PauseKind
from storage.people import NewParticipant
from storage.schema import attempts, checkins, participants, vault
from storage.schema import audit as trail
from storage.schema import cases as tasks
from storage.schema import contacts as people_named
from storage.stops import How
from storage.vault import Place
from tests.support.world import START, Store

DAY = timedelta(days=1)
LATER = START + 3 * DAY


async def woman(tx: Tx, record_id: str, *, phone: str | None = "5550001111", closes_in: int = 10) -> int:
    """Somebody registered now, with one open check-in and a call to make about it."""
    (her,) = await people.add_participants(
        tx, [NewParticipant(record_id, f"{record_id} Prueba", "America/Mexico_City", phone)]
    )
    row = NewCheckin(
        participant=her,
        plan="p",
        point="m1",
        series="m1",
        instrument="i",
        state=CheckinState.EXPECTED,
        next_at=START,
        due_on=date(2026, 3, 2),
        opens_at=START,
        closes_at=START + closes_in * DAY,
    )
    await ledger.expect(tx, [row])
    checkin = (await tx.run(select(checkins.c.id).where(checkins.c.participant_id == her))).scalar_one()
    await cases.open_cases(tx, [(her, cases.CALL, checkin)])
    return her


async def heard(tx: Tx, her: int, days_ago: int) -> None:
    statement = update(checkins).where(checkins.c.participant_id == her)
    await tx.run(statement.values(last_heard_at=tx.now - days_ago * DAY))


async def listed(tx: Tx) -> list[int]:
    return [task.participant for task in await calls.to_call(tx)]


async def her_task(tx: Tx, her: int) -> Task:
    (task,) = [task for task in await calls.to_call(tx) if task.participant == her]
    return task


async def permitted(tx: Tx, her: int, phone: str = "5550002222") -> int:
    return await contacts.add_contact(
        tx, her, NewContact("Ana Ejemplo", phone, Relation.SIBLING, tx.now, How.IN_PERSON)
    )


async def vault_row(tx: Tx, her: int) -> Any:
    return (await tx.run(select(vault).where(vault.c.participant_id == her))).one()


async def test_need_comes_first_then_silence_then_the_nearest_closing(store: Store) -> None:
    store.clock.advance(days=30)
    async with store.database.transact() as tx:
        soon, late = await woman(tx, "R-1", closes_in=40), await woman(tx, "R-2", closes_in=50)
        silent, needy = await woman(tx, "R-3", closes_in=60), await woman(tx, "R-4", closes_in=60)
        for her, days in ((soon, 5), (late, 5), (silent, 9), (needy, 1)):
            await heard(tx, her, days)
        dates = [(silent, kind, None) for kind in (cases.MISSING_DATE, f"{cases.A_DATE}curso")]
        await cases.open_cases(tx, [(needy, "ayuda", None), *dates])
        assert await listed(tx) == [needy, silent, soon, late]
        assert (await her_task(tx, needy)).needs == ("ayuda",)
        assert (await her_task(tx, silent)).needs == ()


async def test_silence_counts_from_her_last_word_or_else_from_her_enrolment(store: Store) -> None:
    async with store.database.transact() as tx:
        her = await woman(tx, "R-1")
        assert (await her_task(tx, her)).silent_since == START
        await tx.run(update(participants).values(enrolled_at=START + DAY))
        assert (await her_task(tx, her)).silent_since == START + DAY
        await heard(tx, her, -2)
        assert (await her_task(tx, her)).silent_since == START + 2 * DAY


async def test_what_is_needed_to_call_her_is_told_without_names_or_numbers(store: Store) -> None:
    async with store.database.transact() as tx:
        her, without = await woman(tx, "R-1"), await woman(tx, "R-2", phone=None)
        await permitted(tx, her)
        gone = await permitted(tx, her)
        await contacts.withdraw(tx, gone)
        task = await her_task(tx, her)
        assert (task.point, task.has_phone, task.phone_wrong, task.tried, task.contacts) == ("m1", True, False, 0, 1)
        assert task.closes_at == START + 10 * DAY
        assert not (await her_task(tx, without)).has_phone


async def test_whoever_wishes_to_be_left_alone_or_has_died_is_on_no_list(store: Store) -> None:
    async with store.database.transact() as tx:
        stopped, dead, other = [await woman(tx, record_id) for record_id in ("R-1", "R-2", "R-3")]
        await stops.stop(tx, stopped, How.CHAT)
        await tx.run(update(participants).where(participants.c.id == dead).values(died_on=date(2026, 3, 1)))
        assert await listed(tx) == [other]
        await stops.lift(tx, stopped, How.CALL)
        assert set(await listed(tx)) == {stopped, other}


@pytest.mark.parametrize(
    ("series", "until_on", "rests"),
    [
        ("", None, True),
        ("", date(2026, 3, 4), True),
        ("", date(2026, 3, 2), False),
        ("m1", None, True),
        ("m3", None, False),
    ],
)
async def test_whoever_rests_is_on_no_list(store: Store, series: str, until_on: date | None, rests: bool) -> None:
    async with store.database.transact() as tx:
        her, other = await woman(tx, "R-1"), await woman(tx, "R-2")
        await pauses.pause(tx, her, PauseKind.HOSPITAL, until_on=until_on, series=series, by=pauses.STAFF)
        assert set(await listed(tx)) == ({other} if rests else {her, other})


async def test_whoever_is_in_prison_again_rests_until_staff_know_more(store: Store) -> None:
    async with store.database.transact() as tx:
        her = await woman(tx, "R-1")
        for _ in range(2):
            await calls.record(tx, her, Attempt(Disposition.IN_PRISON), by="command", try_again_at=LATER)
            store.clock.advance(days=1)
        (away,) = (await pauses.running(tx, [her]))[her]
        assert (away.kind, away.series, away.until_on) == (PauseKind.REENTRY, "", None)
        assert away.since_at == START, "it goes on since the first"


@pytest.mark.parametrize("disposition", Disposition)
async def test_a_final_disposition_ends_the_task_and_any_other_moves_it(store: Store, disposition: Disposition) -> None:
    async with store.database.transact() as tx:
        her = await woman(tx, "R-1")
        over = await calls.record(tx, her, Attempt(disposition), by="command", try_again_at=LATER)
        assert over is MEANINGS[disposition].final
        state = (await tx.run(select(tasks).where(tasks.c.kind == cases.CALL))).one()
        if over:
            assert await listed(tx) == []
            assert state.closed_at == tx.now
        else:
            task = await her_task(tx, her)
            assert (task.due_at, task.tried) == (LATER, 1)
        (tried,) = await calls.attempts_of(tx, her)
        assert (tried.at, tried.disposition, tried.channel, tried.asked_contact) == (
            START,
            disposition,
            "telefono",
            False,
        )
        assert await audit.verify(tx) is None


async def test_her_own_refusal_is_a_stop_and_a_contacts_only_theirs(store: Store) -> None:
    async with store.database.transact() as tx:
        her, other = await woman(tx, "R-1"), await woman(tx, "R-2")
        sister = await permitted(tx, other)
        refused = Attempt(Disposition.REFUSED, contact=sister)
        assert not await calls.record(tx, other, refused, by="command", try_again_at=LATER)
        assert await calls.record(tx, her, Attempt(Disposition.REFUSED), by="command", try_again_at=LATER)
        assert await stops.in_force(tx, [her, other]) == {her}
        assert await listed(tx) == [other]
        assert await contacts.named_by(tx, sister) is None


@pytest.mark.parametrize("disposition", [Disposition.WRONG_NUMBER, Disposition.DISCONNECTED])
async def test_a_number_that_fails_is_marked_whose_ever_it_is(store: Store, disposition: Disposition) -> None:
    async with store.database.transact() as tx:
        her = await woman(tx, "R-1")
        sister = await permitted(tx, her)
        await calls.record(tx, her, Attempt(disposition, contact=sister), by="command", try_again_at=LATER)
        task = await her_task(tx, her)
        assert (task.phone_wrong, task.contacts) == (False, 0)
        await calls.record(tx, her, Attempt(disposition), by="command", try_again_at=LATER)
        assert (await her_task(tx, her)).phone_wrong


async def test_a_new_number_takes_the_place_of_the_old_and_of_what_was_known_of_it(store: Store) -> None:
    async with store.database.transact() as tx:
        her = await woman(tx, "R-1")
        await calls.record(tx, her, Attempt(Disposition.WRONG_NUMBER), by="command", try_again_at=LATER)
        changed = Attempt(Disposition.CHANGED_NUMBER, new_phone="5559998888")
        await calls.record(tx, her, changed, by="command", try_again_at=LATER)
        row = await vault_row(tx, her)
        assert tx.vault.open_text(Place("vault", "phone", her), row.phone) == "5559998888"
        assert row.phone_wrong_at is None


async def test_a_new_number_that_a_contact_tells_is_hers_unless_it_is_their_own(store: Store) -> None:
    async with store.database.transact() as tx:
        her = await woman(tx, "R-1")
        sister = await permitted(tx, her)
        told = Attempt(Disposition.MESSAGE_LEFT, contact=sister, new_phone="5551112222")
        await calls.record(tx, her, told, by="command", try_again_at=LATER)
        theirs = Attempt(Disposition.CHANGED_NUMBER, contact=sister, new_phone="5553334444")
        await calls.record(tx, her, theirs, by="command", try_again_at=LATER)
        assert (await calls.callee(tx, her)).phone == "5551112222"
        assert [contact.phone for contact in await contacts.contacts_of(tx, her)] == ["5553334444"]
        assert [tried.asked_contact for tried in await calls.attempts_of(tx, her)] == [True, True]


async def test_an_attempt_without_a_task_is_kept_all_the_same(store: Store) -> None:
    async with store.database.transact() as tx:
        her = await woman(tx, "R-1")
        await cases.close_case(tx, her, cases.CALL)
        assert await calls.record(tx, her, Attempt(Disposition.BUSY), by="command", try_again_at=LATER)
        assert len(await calls.attempts_of(tx, her)) == 1


async def test_attempts_before_the_task_do_not_count_for_it(store: Store) -> None:
    async with store.database.transact() as tx:
        her = await woman(tx, "R-1")
        await calls.record(tx, her, Attempt(Disposition.WILL_ANSWER), by="command", try_again_at=LATER)
    store.clock.advance(days=1)
    async with store.database.transact() as tx:
        await cases.open_cases(tx, [(her, cases.CALL, None)])
        assert (await her_task(tx, her)).tried == 0
        await calls.record(tx, her, Attempt(Disposition.BUSY), by="command", try_again_at=LATER)
        assert (await her_task(tx, her)).tried == 1


async def test_notes_names_and_numbers_stand_sealed_and_in_no_audit_entry(store: Store) -> None:
    async with store.database.transact() as tx:
        her = await woman(tx, "R-1")
        sister = await permitted(tx, her, "5550007777")
        attempt = Attempt(Disposition.CALLBACK, contact=sister, note="habló bajito", new_phone="5550008888")
        await calls.record(tx, her, attempt, by="command", try_again_at=LATER)
        row = (await tx.run(select(attempts))).one()
        assert tx.vault.open_text(Place("attempts", "note", row.id), row.note) == "habló bajito"
        plain = [value for value in row._mapping.values() if isinstance(value, str)]
        assert plain == ["telefono", "callback", "command"]
        entries = [(one.action, one.detail or "") for one in await tx.run(select(trail))]
        assert ("attempt_recorded", "callback") in entries
        told = " ".join(detail for _, detail in entries)
        assert not any(secret in told for secret in ("5550007777", "5550008888", "bajito", "Ana"))


@pytest.mark.holds("T-staff-2")
async def test_contacts_are_read_only_with_an_entry_in_the_audit_trail(store: Store) -> None:
    async with store.database.transact() as tx:
        her = await woman(tx, "R-1")
        sister = await permitted(tx, her)
        (found,) = await contacts.contacts_of(tx, her)
        one = await contacts.contact(tx, sister)
        assert found == one
        assert (found.name, found.phone, found.relation, found.permitted_how) == (
            *("Ana Ejemplo", "5550002222"),
            Relation.SIBLING,
            How.IN_PERSON,
        )
        assert await contacts.contact(tx, 4242) is None
        actions = [row.action for row in await tx.run(select(trail).order_by(trail.c.number))]
        assert actions[-3:] == ["contact_added", "contacts_read", "contacts_read"]


async def test_a_withdrawn_contact_is_forgotten(store: Store) -> None:
    async with store.database.transact() as tx:
        her = await woman(tx, "R-1")
        sister = await permitted(tx, her)
        assert await contacts.withdraw(tx, sister)
        assert not await contacts.withdraw(tx, sister)
        (found,) = await contacts.contacts_of(tx, her)
        assert (found.name, found.phone, found.withdrawn_at) == ("", "", tx.now)
        row = (await tx.run(select(people_named))).one()
        assert tx.vault.open(Place("contacts", "name", sister), row.name) == b""


async def test_she_is_called_as_she_wishes_or_by_her_first_name(store: Store) -> None:
    async with store.database.transact() as tx:
        her = await woman(tx, "R-1")
        assert (await calls.callee(tx, her)).called == "R-1"
        sealed = tx.vault.seal_text(Place("vault", "called", her), "Chela")
        await tx.run(update(vault).values(called=sealed))
        assert (await calls.callee(tx, her)).called == "Chela"
