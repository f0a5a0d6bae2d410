"""What is known of women at once: whether a message gets to each of them, since when, and what she rests from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from storage import circumstances, pauses, people, stops
from storage.circumstances import Circumstances, Reach
from storage.consents import How, Purpose, allowed_by, purposes_of
from storage.database import Tx
from storage.journal import Kind, Record
from storage.pauses import EVERYTHING, HERSELF, STAFF, PauseKind
from storage.replaying import REPLAYS
from storage.schema import accounts, consents, participants
from tests.support.chat import Bot
from tests.support.world import START, Store

LATER = timedelta(hours=1)
CANCUN = "America/Cancun"


@pytest.fixture
async def woman(store: Store) -> int:
    """A woman who was enrolled at START."""
    await Bot(store).enrolled()
    async with store.database.read() as tx:
        (card,) = await people.cards(tx)
    store.clock.at += LATER
    return card.participant


async def known(store: Store, woman: int) -> Circumstances:
    async with store.database.read() as tx:
        return (await circumstances.know(tx, [woman]))[woman]


async def _block(tx: Tx, woman: int, why: str = "blocked") -> None:
    await tx.run(update(accounts).where(accounts.c.participant_id == woman).values(blocked_at=tx.now, blocked_why=why))


async def _refuse(tx: Tx, woman: int) -> None:
    await _block(tx, woman, "chat_not_found")


async def _unlink(tx: Tx, woman: int) -> None:
    await tx.run(update(accounts).where(accounts.c.participant_id == woman).values(unlinked_at=tx.now))


async def _forget_consent(tx: Tx, woman: int) -> None:
    await tx.run(delete(consents).where(consents.c.participant_id == woman))


async def _withdraw(tx: Tx, woman: int) -> None:
    text = {"purpose": "seguimiento", "version": "1", "text_hash": "h", "how": "chat", "given": False, "at": tx.now}
    await tx.run(consents.insert().values(id=tx.ids.random(), participant_id=woman, **text))


async def _stop(tx: Tx, woman: int) -> None:
    await stops.stop(tx, woman, "chat")


async def _die(tx: Tx, woman: int) -> None:
    await tx.run(update(participants).where(participants.c.id == woman).values(died_on=date(2026, 3, 1)))


@pytest.mark.parametrize(
    ("change", "reach", "since"),
    [
        (None, Reach.REACHABLE, None),
        (_block, Reach.BLOCKED, START + LATER),
        (_refuse, Reach.UNDELIVERABLE, START + LATER),
        (_unlink, Reach.NO_CHAT, None),
        (_forget_consent, Reach.NOT_ENROLLED, None),
        (_withdraw, Reach.WITHDRAWN, START + LATER),
        (_stop, Reach.STOPPED, START + LATER),
        (_die, Reach.DEAD, datetime(2026, 3, 1, 6, tzinfo=UTC)),
    ],
)
async def test_whether_a_message_gets_to_her(
    store: Store,
    woman: int,
    change: Callable[[Tx, int], Awaitable[None]] | None,
    reach: Reach,
    since: datetime | None,
) -> None:
    async with store.database.transact() as tx:
        if change is not None:
            await change(tx, woman)
    assert (await known(store, woman)).reach == (reach, since)


async def test_of_several_reasons_the_weightiest_is_told(store: Store, woman: int) -> None:
    for change, reach in (
        (_block, Reach.BLOCKED),
        (_unlink, Reach.NO_CHAT),
        (_withdraw, Reach.WITHDRAWN),
        (_stop, Reach.STOPPED),
        (_die, Reach.DEAD),
    ):
        async with store.database.transact() as tx:
            await change(tx, woman)
        assert (await known(store, woman)).reach[0] is reach


async def test_a_stop_that_was_lifted_and_a_pause_that_was_ended_are_over(store: Store, woman: int) -> None:
    before = await known(store, woman)
    async with store.database.transact() as tx:
        await stops.stop(tx, woman, "chat")
        await pauses.pause(tx, woman, PauseKind.REST, until_on=None, by=HERSELF)
    assert await known(store, woman) != before
    async with store.database.transact() as tx:
        await stops.lift(tx, woman, "llamada")
        await pauses.resume(tx, woman)
    assert await known(store, woman) == before


async def test_a_rest_ends_on_her_own_wall_and_the_longest_counts(store: Store, woman: int) -> None:
    async with store.database.transact() as tx:
        await pauses.pause(tx, woman, PauseKind.TRIP, until_on=date(2026, 3, 9), by=HERSELF)
        await pauses.pause(tx, woman, PauseKind.REST, until_on=date(2026, 3, 20), by=STAFF, series="m")
    her = await known(store, woman)
    assert len(her.pauses) == 2
    midnight = datetime(2026, 3, 9, 6, tzinfo=UTC)
    assert [her.rests("s", at) for at in (midnight - LATER, midnight)] == [True, False]
    assert [her.rests(EVERYTHING, at) for at in (midnight - LATER, midnight)] == [True, False]
    assert her.rests("m", midnight)
    async with store.database.transact() as tx:
        await pauses.pause(tx, woman, PauseKind.CARE, until_on=None, by=STAFF)
    rest = (await known(store, woman)).rest("m")
    assert rest is not None
    assert rest.until is None


async def test_each_is_told_her_own_and_whoever_is_not_known_is_left_out(store: Store) -> None:
    async with store.database.transact() as tx:
        rosa, luz = await people.add_participants(
            tx,
            [people.NewParticipant("R-1", "Rosa", CANCUN, plan="p"), people.NewParticipant("R-2", "Luz", CANCUN)],
        )
        await pauses.pause(tx, luz, PauseKind.TRIP, until_on=None, by=STAFF)
        await pauses.pause(tx, luz, PauseKind.REST, until_on=None, by=STAFF, series="m")
        found = await circumstances.know(tx, [rosa, luz, luz, 1])
        assert await circumstances.know(tx, []) == {}
    assert found.keys() == {rosa, luz}
    assert (found[rosa].plan, found[rosa].zone, found[rosa].chat, found[rosa].pauses) == ("p", CANCUN, None, ())
    assert [one.series for one in sorted(found[luz].pauses, key=lambda one: one.series)] == [EVERYTHING, "m"]


@pytest.mark.parametrize("said", [(True, False), (False, True), (True, False, True)])
async def test_of_two_words_of_one_moment_everybody_hears_the_no(
    store: Store, woman: int, said: tuple[bool, ...]
) -> None:
    at = store.clock.at + LATER
    both = (Purpose.FOLLOW_UP, Purpose.BROADCASTS)
    async with store.database.transact() as tx:
        for purpose in both:
            for given in said:
                row = {"id": tx.ids.random(), "participant_id": woman, "purpose": purpose, "given": given, "at": at}
                await tx.run(consents.insert().values(**row, version="1", text_hash="", how=How.PAPER))
    async with store.database.read() as tx:
        assert [await allowed_by(tx, purpose, [woman]) for purpose in both] == [set(), set()]
        assert not {*both} & {*(await purposes_of(tx, [woman])).get(woman, ())}
        assert (await circumstances.know(tx, [woman]))[woman].consented is False
        refused = Record(Kind.CONSENT_REFUSED, at, woman, Purpose.BROADCASTS)
    async with store.database.transact() as tx:
        assert not await REPLAYS[Kind.CONSENT_REFUSED](tx, refused), "it is refused already"
