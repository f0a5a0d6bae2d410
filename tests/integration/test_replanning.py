"""Applying a plan over a real store: in batches, resumed where it was cut off, seen by a running bot."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from scheduler.applied import Plans
from scheduler.enrolment import enrol
from scheduler.plan import SHIPPED_PLAN, Plan, parse_plan, read_plan
from scheduler.planning import Change
from scheduler.replanning import ROWS, apply_plan, correct, preview_plan
from storage import cases as cases_
from storage import plans as kept
from storage.imports.participants import ParticipantRow
from storage.roster import Facts
from storage.schema import cases, checkins, participants, revisions
from tests.support.chat import Bot
from tests.support.world import Store

SHIPPED = SHIPPED_PLAN.read_text(encoding="utf-8")
EDITED = SHIPPED.replace("offset = { days = 7 }", "offset = { days = 9 }").replace('name = "m24"', 'name = "m20"')


def edited() -> Plan:
    return parse_plan(EDITED, "edited.toml")


async def many(store: Store, plans: Plans, count: int) -> list[int]:
    released = store.clock.at.date()
    rows = [
        ParticipantRow(line=n, record_id=f"R-{n}", name="Rosa", release_date=released - timedelta(days=n % 3))
        for n in range(count)
    ]
    async with store.database.transact() as tx:
        return await enrol(tx, rows, plans=plans)


async def rows(store: Store, *columns: Any) -> list[tuple[Any, ...]]:
    async with store.database.read() as tx:
        return [tuple(row) for row in await tx.run(select(*columns))]


async def all_of(store: Store, plans: Plans, plan: Plan, source: str) -> Counter[str]:
    done: Counter[str] = Counter()
    async for batch in apply_plan(store.database, plan, source=source, plans=plans, by="command"):
        done.update(type(change).__name__ for one in batch for change in one.changes)
    return done


async def test_what_was_cut_off_is_finished_and_nothing_is_done_twice(store: Store) -> None:
    plans = Plans.of(read_plan(SHIPPED_PLAN))
    women = await many(store, plans, 90)
    done = 0
    async for batch in apply_plan(store.database, edited(), source=EDITED, plans=plans, by="command"):
        done = len(batch)
        break  # the first batch is written; the process dies
    assert 0 < done < len(women)
    assert len(await rows(store, revisions.c.id)) == 2 * done
    resumed = Plans(default="seguimiento")
    async with store.database.read() as tx:
        assert await resumed.refresh(tx)
        assert not await resumed.refresh(tx)
    assert resumed.default == edited()
    rest = len(women) - done
    assert await all_of(store, resumed, edited(), EDITED) == {"Move": rest, "Appear": rest, "Close": rest}
    assert await all_of(store, resumed, edited(), EDITED) == {}
    assert len(await rows(store, checkins.c.id)) == 7 * len(women)


async def test_a_plan_that_cannot_be_worked_out_is_not_kept(store: Store) -> None:
    plans = Plans.of(read_plan(SHIPPED_PLAN))
    await many(store, plans, 2)
    before = await rows(store, checkins)
    first = edited().points[0].model_copy(update={"offset": None, "on": date.max})  # no file says so: it is refused
    broken = edited().model_copy(update={"points": (first,)})
    with pytest.raises(OverflowError):
        await all_of(store, plans, broken, EDITED)
    async with store.database.read() as tx:
        assert await kept.applied_plans(tx) == []
    assert await rows(store, checkins) == before


async def test_what_one_transaction_writes_is_bounded_by_rows_whatever_the_plan_and_the_women_have(
    store: Store,
) -> None:
    plans = Plans.of(read_plan(SHIPPED_PLAN))
    women = await many(store, plans, 40)
    series = 'every = { weeks = 1 }\ntimes = 120\nwindow = { after = 6 }\ninstruments = ["llegada"]\n'
    weekly = f'name = "seguimiento"\n[[points]]\nname = "w"\noffset = {{ weeks = 1 }}\n{series}'
    for source, per_woman in ((weekly, 120 + 2 * 6), (SHIPPED, 6 + 2 * 120), (SHIPPED, 6 + 2 * 6)):
        plan = parse_plan(source, "plan.toml")
        batches = [
            len(batch) async for batch in apply_plan(store.database, plan, source=source, plans=plans, by="command")
        ]
        assert sum(batches) == len(women)
        assert max(batches) == min(ROWS // per_woman, len(women))


async def test_the_preview_says_what_is_then_written(store: Store) -> None:
    plans = Plans.of(read_plan(SHIPPED_PLAN))
    await many(store, plans, 30)
    seen: list[tuple[int, Change]] = []
    async for batch in preview_plan(store.database, edited(), plans=plans):
        seen += [(one.woman, change) for one in batch for change in one.changes]
    written: list[tuple[int, Change]] = []
    async for batch in apply_plan(store.database, edited(), source=EDITED, plans=plans, by="command"):
        written += [(one.woman, change) for one in batch for change in one.changes]
    assert seen == written
    assert len(seen) == 90


async def test_a_running_bot_follows_what_was_applied_and_asks_by_it(store: Store) -> None:
    bot = Bot(store)
    rosa = await bot.enrolled()
    async with store.database.transact() as tx:
        plan = bot.plans.default
        await kept.keep_plan(tx, plan.name, version=plan.version, source=SHIPPED, by="command")
    later = SHIPPED.replace("offset = { days = 7 }", "offset = { days = 11 }")
    await all_of(store, bot.plans, parse_plan(later, "later.toml"), later)
    await bot.pass_time(days=9)
    assert not [shown for shown in bot.shown if "cinco minutos" in str(shown.call.params)]
    assert bot.plans.default.points[0].offset == parse_plan(later, "later.toml").points[0].offset
    await bot.pass_time(days=3)
    assert "cinco minutos" in rosa.last.text


async def test_what_stands_open_in_a_chat_follows_the_new_plan_at_once(store: Store) -> None:
    bot = Bot(store)
    rosa = await bot.enrolled()
    await bot.pass_time(days=6, hours=23)
    assert "cinco minutos" in rosa.last.text
    said = len(rosa.texts)
    sooner = SHIPPED.replace("reminders = [{ days = 1 }", "reminders = [{ hours = 3 }")
    await all_of(store, bot.plans, parse_plan(sooner, "sooner.toml"), sooner)
    await bot.pass_time(hours=8)
    assert len(rosa.texts) == said + 1, "by the plan that she was invited by it would be tomorrow"


async def test_an_unknown_date_of_any_name_waits_with_a_case_and_then_counts(store: Store) -> None:
    text = SHIPPED.replace('name = "seguimiento"', 'name = "curso"\nanchor = "course_end"')
    plans = Plans.of(parse_plan(text, "curso.toml"))
    (woman,) = await many(store, plans, 1)
    assert {state for (state,) in await rows(store, checkins.c.state)} == {"waiting_for_date"}
    assert await rows(store, cases.c.kind, cases.c.state) == [("fecha_de_course_end", "open")]
    async with store.database.transact() as tx:
        await correct(tx, woman, Facts(dates={"course_end": date(2026, 3, 1)}), plans=plans)
    assert {state for (state,) in await rows(store, checkins.c.state)} == {"expected"}
    assert await rows(store, cases.c.kind, cases.c.state) == [("fecha_de_course_end", "resolved")]


async def test_whose_plan_counts_from_another_date_is_asked_for_that_one_alone(store: Store) -> None:
    course = SHIPPED.replace('name = "seguimiento"', 'name = "curso"\nanchor = "course_end"')
    plans = Plans.of(read_plan(SHIPPED_PLAN), parse_plan(course, "curso.toml"))
    async with store.database.transact() as tx:
        (woman,) = await enrol(tx, [ParticipantRow(line=2, record_id="R-1", name="Rosa")], plans=plans)
    assert await rows(store, cases.c.kind, cases.c.state) == [("fecha_de_salida", "open")]
    async with store.database.transact() as tx:
        await correct(tx, woman, Facts(plan="curso"), plans=plans)
    kinds = await rows(store, cases.c.kind, cases.c.state)
    assert set(kinds) == {("fecha_de_salida", "resolved"), ("fecha_de_course_end", "open")}


SHORTER = SHIPPED.replace("before = 0, after = 13", "before = 0, after = 11")


async def test_a_plan_that_closes_sooner_leaves_an_outage_told(store: Store) -> None:
    bot = Bot(store)
    await bot.enrolled()
    store.clock.at += timedelta(days=20)  # down
    assert await all_of(store, bot.plans, parse_plan(SHORTER, "shorter.toml"), SHORTER) == {"Move": 1}
    await bot.pass_time(hours=1)
    assert ("s1", "missed_by_us", "not_sent") in await rows(
        store, checkins.c.point, checkins.c.fate, checkins.c.fate_reason
    )


async def test_what_a_plan_moves_into_the_past_says_that_it_was_the_plan(store: Store) -> None:
    plans = Plans.of(read_plan(SHIPPED_PLAN))
    await many(store, plans, 1)
    store.clock.at += timedelta(days=25)
    sooner = SHIPPED.replace("offset = { months = 3 }", "offset = { days = 1 }")
    added = sooner.replace('name = "m24"', 'name = "m24"\nonly = { centre = ["TEX"] }')
    await all_of(store, plans, parse_plan(added, "sooner.toml"), added)
    told = await rows(store, checkins.c.point, checkins.c.fate_reason)
    assert {("m3", "plan_came_late"), ("m24", "not_in_plan")} <= set(told)


WITHOUT_S1 = SHIPPED.replace('name = "s1"', 'name = "s2"')


async def called_about(store: Store, point: str, **values: Any) -> None:
    """Staff are asked to call the one woman about that check-in."""
    async with store.database.transact() as tx:
        of_point = update(checkins).where(checkins.c.point == point).returning(checkins.c.id, checkins.c.participant_id)
        row = (await tx.run(of_point.values(called_for_at=tx.now, **values))).one()
        await cases_.open_cases(tx, [(row.participant_id, cases_.CALL, row.id)])


async def test_nobody_calls_about_a_check_in_that_the_plan_gave_up(store: Store) -> None:
    plans = Plans.of(read_plan(SHIPPED_PLAN))
    await many(store, plans, 1)
    await called_about(store, "s1")
    other = SHIPPED.replace('name = "m24"', 'name = "m20"')
    await all_of(store, plans, parse_plan(other, "other.toml"), other)
    assert await rows(store, cases.c.kind, cases.c.state) == [("llamada", "open")], "it was about another"
    await all_of(store, plans, parse_plan(WITHOUT_S1, "without.toml"), WITHOUT_S1)
    assert await rows(store, cases.c.kind, cases.c.state) == [("llamada", "resolved")]


OVER = {"state": "closed", "owner": None, "next_at": None, "fate": "unreachable", "fate_reason": "no_answer"}


@pytest.mark.parametrize("over", [False, True])
async def test_nobody_calls_a_woman_who_has_died(store: Store, over: bool) -> None:
    plans = Plans.of(read_plan(SHIPPED_PLAN))
    (woman,) = await many(store, plans, 1)
    await called_about(store, "s1", **(OVER | {"closed_at": store.clock.at} if over else {}))
    async with store.database.transact() as tx:
        await correct(tx, woman, Facts(died_on=date(2026, 3, 1)), plans=plans)
    assert await rows(store, cases.c.kind, cases.c.state) == [("llamada", "resolved")]
    assert {state for (state,) in await rows(store, checkins.c.state)} == {"closed"}


@pytest.mark.parametrize("stood", ["invited", "started", "expected"])
async def test_who_lives_has_her_check_in_as_it_stood_with_all_that_had_been(store: Store, stood: str) -> None:
    plans = Plans.of(read_plan(SHIPPED_PLAN))
    (woman,) = await many(store, plans, 1)
    now = store.clock.at
    begun = {"started_at": now} if stood == "started" else {}
    lived = {"state": stood, "invited_at": now, "reminded_at": now, "reminders_sent": 2, **begun}
    async with store.database.transact() as tx:
        await tx.run(update(checkins).where(checkins.c.point == "s1").values(lived))
    stands = [column for column in checkins.c if column.name != "next_at"]
    before = await rows(store, *stands)
    for facts in (Facts(died_on=now.date()), Facts(alive=True)):
        async with store.database.transact() as tx:
            assert len(await correct(tx, woman, facts, plans=plans)) == 6
        store.clock.at += timedelta(days=50)
    assert await rows(store, *stands) == before


@pytest.mark.parametrize("keep", [True, False])
async def test_only_what_is_kept_changes_anything(store: Store, keep: bool) -> None:
    plans = Plans.of(read_plan(SHIPPED_PLAN))
    (woman,) = await many(store, plans, 1)
    before = await rows(store, checkins)
    async with store.database.transact() as tx:
        changes = await correct(tx, woman, Facts(release_on=date(2026, 4, 1)), plans=plans, keep=keep)
    assert len(changes) == 6
    assert (await rows(store, checkins) != before) is keep
    assert (await rows(store, participants.c.release_on) == [(date(2026, 4, 1),)]) is keep


async def test_what_is_expected_again_begins_with_nothing(store: Store) -> None:
    plans = Plans.of(read_plan(SHIPPED_PLAN))
    await many(store, plans, 1)
    now = store.clock.at
    marks = ("invited_at", "reminded_at", "started_at", "last_heard_at", "resting_until", "help_asked_at")
    over = {"state": "closed", "owner": None, "next_at": None, "fate": "not_due", "fate_reason": "not_in_plan"}
    async with store.database.transact() as tx:
        first = update(checkins).where(checkins.c.point == "s1")
        lived = dict.fromkeys((*marks, "called_for_at", "closed_at"), now)
        await tx.run(first.values(**over, **lived, reminders_sent=3))
    assert await all_of(store, plans, plans.default, SHIPPED) == {"Reopen": 1}
    stands = (checkins.c.state, checkins.c.reminders_sent, *(checkins.c[name] for name in (*marks, "called_for_at")))
    assert ("expected", 0, *[None] * 7) in await rows(store, *stands)
    assert {row[1] for row in await rows(store, *stands)} == {0}


async def test_a_woman_whose_named_plan_is_gone_keeps_her_rows(store: Store) -> None:
    plans = Plans.of(read_plan(SHIPPED_PLAN))
    (woman,) = await many(store, plans, 1)
    async with store.database.transact() as tx:
        await tx.run(update(participants).values(plan="gone"))
        assert list(await correct(tx, woman, Facts(slot="noche"), plans=plans)) == []
