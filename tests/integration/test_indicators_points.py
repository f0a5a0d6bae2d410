"""The figures at a point of the plan: only what its own check-ins say counts, of whom they were due."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from conversations.income import FACTOR_VERSION
from storage import schema
from storage.outcomes.figures import Asked, Dimension, Figure
from storage.outcomes.gathering import gather
from storage.outcomes.indicators import compute
from tests.support.fixture import CUT_OFF, Enrolled, Job, Pay, Woman, store_all
from tests.support.world import Store

BEFORE = Pay("pre_taller", Decimal(1_000))
TRAINING = Enrolled("laboral", "costura", "BAR", date(2023, 2, 1))


def trained(number: int, pay: tuple[Pay, ...] = ()) -> Woman:
    return Woman(number, enrolled=(TRAINING,), jobs=(Job("autoempleo"),), pay=pay)


def told(store: Store, **asked: object) -> dict[str, Figure]:
    question = replace(Asked(CUT_OFF), **asked)  # type: ignore[arg-type]
    return {figure.id: figure for figure in compute(gather(store.url, CUT_OFF), question)}


def counts(figure: Figure) -> tuple[int | None, int | None]:
    return figure.numerator, figure.denominator


async def ask(store: Store, her: int, *, point: str, due_on: date, fate: str = "completed") -> int:
    """A check-in of hers that is over; its id."""
    id_ = store.ids.random()
    async with store.database.transact() as tx:
        (woman,) = (
            await tx.run(select(schema.participants.c.id).where(schema.participants.c.person == f"p{her}"))
        ).one()
        hers = {"id": id_, "participant_id": woman, "plan": "p", "point": point, "series": point, "instrument": "i"}
        times = dict.fromkeys(("added_at", "opens_at", "closes_at", "closed_at"), tx.now)
        row = {**hers, **times, "state": "closed", "due_on": due_on, "fate": fate}
        await tx.run(schema.checkins.insert().values(row))
    return id_


async def answer(store: Store, checkin: int, **said: object) -> None:
    """What she said in a check-in: `kind` of work, `monthly` pay in pesos, whether she `gave`."""
    async with store.database.transact() as tx:
        at = schema.checkins.c
        woman, on = (await tx.run(select(at.participant_id, at.due_on).where(at.id == checkin))).one()
        same = {"participant_id": woman, "checkin_id": checkin, "as_of_on": on, "learned_at": tx.now}
        if kind := said.get("kind"):
            job = {"id": tx.ids.random(), **same, "kind": kind, "scope": "en_libertad"}
            await tx.run(schema.employments.insert().values(job))
        if pay := said.get("monthly"):
            known = {"amount": pay, "monthly": pay, "period": "mes", "factor_version": FACTOR_VERSION}
            row = {"id": tx.ids.random(), **same, "moment": "actual", "scope": "en_libertad", **known}
            await tx.run(schema.incomes.insert().values(row))
        if (gave := said.get("gave")) is not None:
            await tx.run(schema.supports.insert().values(id=tx.ids.random(), **same, given=gave))


async def test_at_a_point_only_its_own_answers_count(store: Store) -> None:
    await store_all(store.database, [trained(n, pay=(BEFORE,)) for n in range(4)])
    first, second = date(2025, 1, 10), date(2025, 3, 10)
    await answer(store, await ask(store, 0, point="m1", due_on=first), kind="sin_trabajo")
    await answer(store, await ask(store, 1, point="m1", due_on=first), kind="otro", monthly=Decimal(900), gave=1)
    await ask(store, 2, point="m1", due_on=first, fate="unreachable")
    await ask(store, 3, point="m1", due_on=first, fate="not_due")
    await answer(store, await ask(store, 1, point="m3", due_on=second), kind="otro", monthly=Decimal(1_100), gave=0)
    await ask(store, 2, point="m3", due_on=CUT_OFF + timedelta(days=1), fate="not_due")
    found = told(store, by=(Dimension.POINT,))
    by_point = {
        id_: {p: (*counts(one), one.eligible) for p, one in found[id_].by["point"].items()}
        for id_ in ("F4", "F6", "F7")
    }
    assert by_point == {
        "F4": {"m1": (1, 2, 3), "m3": (1, 1, 1)},
        "F6": {"m1": (0, 1, 1), "m3": (1, 1, 1)},
        "F7": {"m1": (1, 1, 1), "m3": (0, 1, 1)},
    }
    assert (found["F4"].by["point"]["m1"].moment, "point" in found["F1"].by) == ("m1", False)
    assert {id_: counts(told(store, point="m1")[id_]) for id_ in by_point} == {"F4": (1, 2), "F6": (0, 1), "F7": (1, 1)}
    assert told(store, moment="m3")["F4"] == told(store, point="m3")["F4"]


async def test_the_first_wave_is_her_first_answer_about_it(store: Store) -> None:
    await store_all(store.database, [trained(n) for n in range(2)])
    for her in range(2):
        await answer(store, await ask(store, her, point="m1", due_on=date(2025, 1, 10)), monthly=Decimal(900))
    await answer(store, await ask(store, 1, point="m3", due_on=date(2025, 3, 10)), monthly=Decimal(901))
    assert counts(told(store, baseline="primera_ola")["F6"]) == (1, 1)
    assert counts(told(store)["F6"]) == (0, 0)
