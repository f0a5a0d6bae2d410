"""What the store holds of her work once she has answered: rows anew for each sitting, and none left over."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.cli.opening import open_plan
from conversations.answers import Answer, AnswerStatus
from conversations.effects import OutcomesChanged
from scheduler.applied import Plans
from scheduler.enrolment import enrol
from scheduler.plan import SHIPPED_PLAN
from storage import interviews
from storage.imports.participants import read_participants
from storage.imports.sheets import read_sheet
from storage.outcomes.known import known
from storage.records import Entry
from storage.schema import checkins, employments
from tests.support.world import START, Store

ROSTER = b"record_id,name,release_date\nLC-001,Rosa Prueba,2026-02-28\n"
LOOKING = {"employed": "no", "looked": "si", "available": "si"}
WORKING = {"employed": "si", "work_kinds": "autoempleo con_patron", "social_security": "no"}


async def learn(store: Store, *sittings: dict[str, str]) -> list[Any]:
    """The rows after these outcomes came one after the other in one check-in."""
    async with store.database.transact() as tx:
        file = read_participants(read_sheet(ROSTER, "x.csv"), today=START.date(), zone_for=lambda *_: None)
        (her,) = await enrol(tx, file.rows, plans=Plans.of(open_plan(SHIPPED_PLAN)))
        first = select(checkins.c.id).where(checkins.c.participant_id == her, checkins.c.point == "m1")
        checkin = (await tx.run(first)).scalar_one()
        for said in sittings:
            outcomes = {name: Answer(AnswerStatus.GIVEN, value) for name, value in said.items()}
            entry = Entry(OutcomesChanged(outcomes), START, "o", "lane", 1, 1, participant_id=her, checkin_id=checkin)
            await interviews.WRITERS[OutcomesChanged](tx, [entry])
        columns = (employments.c.kind, employments.c.status, employments.c.position, employments.c.social_security)
        return [
            tuple(row) for row in await tx.run(select(*columns).where(known(employments)).order_by(employments.c.kind))
        ]


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ([LOOKING], [("sin_trabajo", "desocupada", None, None)]),
        (
            [WORKING],
            [("autoempleo", "ocupada", None, None), ("empleo_externo_informal", "ocupada", "subordinada", "no")],
        ),
        ([WORKING, LOOKING], [("sin_trabajo", "desocupada", None, None)]),
        ([LOOKING, {}], []),
    ],
    ids=["looking", "working", "corrected", "withdrawn"],
)
async def test_the_rows_say_what_she_last_said(
    store: Store, said: list[dict[str, str]], rows: list[tuple[str | None, ...]]
) -> None:
    assert await learn(store, *said) == rows
