"""Broadcasts as an operator sends them: composed, judged, handed in, taken back, reported; refused in a clear line."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from scheduler.enrolment import enrol
from storage import broadcasts, members, stops
from storage.broadcasts import Definition, Rules
from storage.imports.participants import ParticipantRow
from storage.members import Member, Role
from storage.notices import Content
from storage.schema import participants, recipients
from storage.segments import Segment
from tests.support.fieldwork import Fieldwork, fieldwork
from tests.support.office import Office
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.training import enrolled_in
from tests.support.world import Store

HELLO = "Hola, {nombre}: el viernes hay taller."


@pytest.fixture
def operator(store: Store) -> Operator:
    return Operator(store.home, {"HILO_BOT_API_URL": NOBODY_LISTENS, "HILO_BROADCAST_UNDO_SECONDS": "0"})


async def linked(store: Store, count: int) -> Fieldwork:
    async with fieldwork(store) as here:
        for number, woman in enumerate(await Office(here).register(None, count=count)):
            await here.link(woman, 501 + number)
        return here


def on(call: Any, *words: Any, **settings: str) -> Any:
    return asyncio.to_thread(call, "broadcast", *words, **settings)


async def is_over(here: Fieldwork) -> None:
    """Let the bot go on, by the clock of this machine, until nobody waits."""
    store = here.store
    async with store.database.read() as tx:
        store.clock.at = (await tx.run(select(func.max(recipients.c.next_at)))).scalar_one()
    store.clock.advance(days=1)
    await here.pass_to(store.clock.at + timedelta(days=2))  # whatever hour it is here: her hours come


async def test_one_is_composed_sent_and_reported(store: Store, operator: Operator, tmp_path: Path) -> None:
    here = await linked(store, 2)
    made = await on(operator.read, "new", "--text", HELLO)
    ref = made["broadcast"]
    assert (made["included"], made["excluded"], made["problems"]) == (2, {}, [])
    assert [one["state"] for one in await on(operator.read, "list")] == ["draft"]
    assert "goes to 2" in await on(operator.done, "send", ref)
    shown = await on(operator.read, "show", ref)
    assert (shown["state"], shown["recipients"]) == ("scheduled", {"waiting": 2})
    await is_over(here)
    assert (await on(operator.read, "show", ref))["state"] == "done"
    report = await on(operator.read, "report", ref)
    assert report["reasons"] == [{"state": "sent", "reason": None, "recipients": 2}]
    out = tmp_path / "report.xlsx"
    await on(operator.done, "report", ref, "--out", out)
    rows = list(load_workbook(out)["recipients"].iter_rows(values_only=True))
    assert [row[:2] for row in rows] == [("record_id", "state"), ("R-0", "sent"), ("R-1", "sent")]
    assert "choose another name" in await on(operator.refused, "report", ref, "--out", out)
    assert "2 gone, 0 stay" in await on(operator.done, "retire", ref)


async def test_why_somebody_does_not_get_it_stands_in_words_beside_the_code(
    store: Store, operator: Operator, tmp_path: Path
) -> None:
    await linked(store, 2)
    async with store.database.transact() as tx:
        first = (await tx.run(select(func.min(participants.c.id)))).scalar_one()
        await stops.stop(tx, first, stops.How.CALL, by="command")
    ref = (await on(operator.read, "new", "--text", HELLO))["broadcast"]
    assert "left out: 1 stopped: she asked us not to write" in await on(operator.done, "preview", ref)
    await on(operator.done, "send", ref)
    await on(operator.done, "cancel", ref)
    assert "skipped (cancelled: called off before): 1" in await on(operator.done, "report", ref)
    out = tmp_path / "report.xlsx"
    await on(operator.done, "report", ref, "--out", out)
    book = load_workbook(out)
    assert ("excluded", "stopped", 1, "pidió que no le escribamos") in set(book["summary"].values)
    assert [row[-1] for row in book["recipients"].values] == ["in_words", "se canceló antes"]


async def test_what_must_be_mended_is_told_and_not_sent(store: Store, operator: Operator) -> None:
    await linked(store, 1)
    made = await on(operator.read, "new", "--text", "{apodo}, llama al 5587654321 por tu dinero")
    assert [one["fault"] for one in made["problems"]] == ["forbidden_word", "unverified_phone", "unknown_field"]
    assert "forbidden_word dinero" in await on(operator.refused, "send", made["broadcast"])
    verified = {"BROADCAST_PHONES": '["5587654321"]'}
    left = await on(operator.read, "preview", made["broadcast"], **verified)
    assert [one["fault"] for one in left["problems"]] == ["forbidden_word", "unknown_field"]


async def test_what_may_be_harmless_is_told_and_may_be_sent(store: Store, operator: Operator) -> None:
    await linked(store, 1)
    made = await on(operator.read, "new", "--text", "Hola: plática de salud el viernes.")
    assert (made["problems"], made["doubts"]) == ([], [{"fault": "forbidden_word", "found": "salud"}])
    assert "goes to 1" in await on(operator.done, "send", made["broadcast"])


async def test_a_segment_is_typed_and_an_empty_one_refused(store: Store, operator: Operator) -> None:
    await linked(store, 3)
    typed = ["--record-id", "R-1", "--record-id", "R-9"]
    made = await on(operator.read, "new", "--text", HELLO, *typed)
    assert (made["included"], made["unknown"]) == (1, ["R-9"])
    none = await on(operator.read, "new", "--text", HELLO, "--centre", "nowhere")
    assert "nobody would get" in await on(operator.refused, "send", none["broadcast"])
    async with store.database.transact() as tx:
        second = (await tx.run(select(participants.c.id).order_by(participants.c.id).offset(1))).scalars().first()
        await enrolled_in(tx, second, "panaderia")
    both = ("--axis", "laboral", "--workshop", "panaderia")
    for trait in (("--workshop", "Repostería"), ("--axis", "oficios"), both):
        assert (await on(operator.read, "new", "--text", HELLO, *trait))["included"] == 1, trait
    assert (await on(operator.read, "new", "--text", HELLO, "--axis", "salud_mental"))["included"] == 0
    assert "there are laboral, salud_mental" in await on(operator.refused, "new", "--text", HELLO, "--axis", "magia")
    assert "is no outcome" in await on(operator.refused, "new", "--text", HELLO, "--last-outcome", "gone")
    assert "exactly one member" in await on(operator.refused, "new", "--text", HELLO, "--caseload", "Nadie")
    assert "do not go together" in await on(operator.refused, "new", "--text", HELLO, "--hour", "10")


async def test_steps_are_taken_from_where_it_stands_alone(store: Store, operator: Operator) -> None:
    await linked(store, 2)
    ref = (await on(operator.read, "new", "--text", HELLO))["broadcast"]
    assert "does not stand so" in await on(operator.refused, "pause", ref)
    await on(operator.done, "send", ref, BROADCAST_APPROVAL_ABOVE="1")
    assert "somebody else approves it" in await on(operator.refused, "approve", ref)
    await on(operator.done, "undo", ref)
    await on(operator.done, "send", ref)
    for step in ("pause", "resume", "cancel"):
        await on(operator.done, step, ref)
    assert (await on(operator.read, "show", ref))["recipients"] == {"skipped": 2}
    assert "does not stand so" in await on(operator.refused, "cancel", ref)
    assert "no broadcast 1f" in await on(operator.refused, "show", "1f")
    assert "not the number" in await on(operator.refused, "show", "xyz")


async def test_what_was_made_at_a_desk_is_approved_here(store: Store, operator: Operator) -> None:
    await linked(store, 2)
    async with store.database.transact() as tx:
        await members.invite_staff(tx, "Lupe Prueba", role=Role.COORDINATOR)
        lupe = Member((await members.listed(tx))[0].staff, Role.COORDINATOR)
        id_ = await broadcasts.draft(tx, Definition(Content(f"{HELLO} De salud."), Segment()), by=lupe.staff)
        await broadcasts.submit(tx, id_, lupe, rules=Rules(approval_above=1))
    approved = await asyncio.to_thread(operator.types, "broadcast", "approve", f"{id_:x}")
    assert (approved.stdout, approved.stderr) == (f"approved: broadcast {id_:x}\n", "look at: forbidden_word salud\n")


async def test_what_names_a_woman_is_not_approved_here_either(store: Store, operator: Operator) -> None:
    here = await linked(store, 2)
    row = ParticipantRow(line=9, record_id="R-9", name="Rosa Prueba", phone=None, release_date=None)
    async with store.database.transact() as tx:
        await enrol(tx, [row], plans=here.machine.plans)
    async with store.database.transact() as tx:
        await members.invite_staff(tx, "Lupe Prueba", role=Role.COORDINATOR)
        lupe = Member((await members.listed(tx))[0].staff, Role.COORDINATOR)
        id_ = await broadcasts.draft(tx, Definition(Content("Hola: viene Rosa Prueba."), Segment()), by=lupe.staff)
        await broadcasts.submit(tx, id_, lupe, rules=Rules(approval_above=1))
    assert "names a woman" in await on(operator.refused, "approve", f"{id_:x}")
    assert (await on(operator.read, "show", f"{id_:x}"))["state"] == "waiting_approval"
