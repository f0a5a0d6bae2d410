"""What may leave, for whom, with whose leave; what is written down of it; and what a failure leaves behind: nothing."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.cli.results import every_version
from conversations.instrument import Instrument
from storage import approvals, audit
from storage.approvals import ApprovalInvalid
from storage.database import Tx
from storage.exports.exporting import FORMATS, ExportRefused
from storage.members import Role
from storage.schema import audit as trail
from storage.schema import checkins, exports, participants, staff
from storage.vault import Place
from tests.support.exports import copies, fill, write_export
from tests.support.world import Store


@pytest.fixture
async def answered(store: Store) -> Store:
    await fill(store)
    return store


async def drawn(store: Store) -> str:
    """A code of a coordinator."""
    async with store.database.transact() as tx:
        number = tx.ids.random()
        name = tx.vault.seal(Place("staff", "name", number), b"Ana")
        await tx.run(staff.insert(), [{"id": number, "name": name, "role": Role.COORDINATOR, "added_at": tx.now}])
        return await approvals.draw(tx, number)


async def registered(store: Store) -> list[Any]:
    async with store.database.read() as tx:
        return list(await tx.run(select(exports).order_by(exports.c.at)))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def women(store: Store, number: int) -> list[int]:
    """So many more women, by their ids."""
    before = set(await _women(store))
    await copies(store, number)
    return sorted(set(await _women(store)) - before)


async def _women(store: Store) -> list[int]:
    async with store.database.read() as tx:
        return list((await tx.run(select(participants.c.id))).scalars())


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_every_export_is_registered_and_audited(answered: Store, tmp_path: Path) -> None:
    made = await write_export(answered, tmp_path / "out", reason="informe anual", recipient="Fundación")
    (row,) = await registered(answered)
    assert (row.made_by, row.format, row.audience, row.identified) == ("command", "csv", "team", False)
    assert row.file_hash == made.hash
    assert json.loads(row.counts)["people"] == 2
    assert answered.vault.open_text(Place("exports", "reason", row.id), row.reason) == "informe anual"
    assert answered.vault.open_text(Place("exports", "recipient", row.id), row.recipient) == "Fundación"
    async with answered.database.read() as tx:
        (act,) = await tx.run(select(trail).where(trail.c.action == "export_made"))
        assert (act.subject, act.detail) == (str(row.id), "csv team")
        assert await audit.verify(tx) is None


async def test_an_identified_export_tells_who_and_when_and_no_name(answered: Store, tmp_path: Path) -> None:
    code = await drawn(answered)
    await write_export(answered, tmp_path / "out", identified=True, approval=f" {code.lower()[:5]}-{code[5:]} ")
    found = rows(tmp_path / "out" / "people.csv")
    assert list(found[0])[:2] == ["record_id", "person"]
    assert {row["record_id"] for row in found} == {"LC-001", "LC-002"}
    (rosa,) = [row for row in found if row["record_id"] == "LC-001"]
    assert (rosa["release_on"], rosa["birth_year"], rosa["age_band"]) == ("2026-02-28", "1990", "35-44")
    assert rosa["centre"] == "SMA", "nothing is left out"
    for name in ("answers", "wide", "checkins", "supports"):
        assert {row["record_id"] for row in rows(tmp_path / "out" / f"{name}.csv")} <= {"LC-001", "LC-002"}
    assert "record_id" not in rows(tmp_path / "out" / "funnel.csv")[0]
    assert not any("Rosa" in path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir())
    (row,) = await registered(answered)
    assert row.identified


@pytest.mark.parametrize(
    ("name", "asked", "told"),
    [
        ("x.zip", {"format": "xlsx"}, "--format xlsx writes one workbook, no ZIP: call it NAME.xlsx"),
        ("x.ZIP", {"format": "xlsx"}, "one workbook"),
        ("x", {"format": "parquet", "separator": "tab"}, "--separator is for CSV files, and --format parquet writes"),
        ("x", {"format": "jsonl", "separator": "semicolon"}, "leave it out"),
        ("x.xlsx", {"format": "xlsx", "separator": "semicolon"}, "leave it out"),
    ],
)
async def test_what_would_not_be_as_it_is_called_is_refused(
    answered: Store, tmp_path: Path, name: str, asked: dict[str, Any], told: str
) -> None:
    before = names(tmp_path)
    with pytest.raises(ExportRefused, match=told):
        await write_export(answered, tmp_path / name, **asked)
    assert names(tmp_path) == before


@pytest.mark.holds("S-39")
@pytest.mark.parametrize(
    "asked",
    [
        {"identified": True},
        {"identified": True, "approval": "X"},
        {"identified": True, "reason": "porque sí"},
        {"approval": "X", "reason": "porque sí"},
    ],
)
async def test_what_lacks_a_reason_or_a_code_is_refused(answered: Store, tmp_path: Path, asked: dict[str, Any]) -> None:
    with pytest.raises(ExportRefused):
        await write_export(answered, tmp_path / "out", **{"reason": None, **asked})
    assert not (tmp_path / "out").exists()
    assert await registered(answered) == []


async def test_a_code_serves_once(answered: Store, tmp_path: Path) -> None:
    code = await drawn(answered)
    await write_export(answered, tmp_path / "one", identified=True, approval=code)
    with pytest.raises(ApprovalInvalid):
        await write_export(answered, tmp_path / "two", identified=True, approval=code)
    assert not (tmp_path / "two").exists()
    assert len(await registered(answered)) == 1


async def test_a_code_serves_within_a_day_and_while_its_drawer_is_of_the_staff(answered: Store, tmp_path: Path) -> None:
    old, other = await drawn(answered), await drawn(answered)
    async with answered.database.transact() as tx:
        await tx.run(staff.update().values(revoked_at=tx.now))
    with pytest.raises(ApprovalInvalid):
        await write_export(answered, tmp_path / "out", identified=True, approval=other)
    async with answered.database.transact() as tx:
        await tx.run(staff.update().values(revoked_at=None))
    answered.clock.advance(hours=24)
    with pytest.raises(ApprovalInvalid):
        await write_export(answered, tmp_path / "out", identified=True, approval=old)
    with pytest.raises(ApprovalInvalid):
        await write_export(answered, tmp_path / "out", identified=True, approval="ABCDEFGHJK")


async def test_a_code_is_not_in_the_store(answered: Store) -> None:
    code = await drawn(answered)
    async with answered.database.read() as tx:
        (row,) = await tx.run(select(approvals.approvals))
    assert not any(code in str(value) for value in row)


async def test_women_like_four_others_are_told_whole(answered: Store, tmp_path: Path) -> None:
    await copies(answered, 5)
    made = await write_export(answered, tmp_path / "out", reason=None)
    found = rows(tmp_path / "out" / "people.csv")
    assert [row["centre"] for row in found].count("tepepan") == 5
    assert [row["centre"] for row in found].count("") == 2
    assert (made.facts["women"], made.facts["women_below_k"], made.facts["left_out_centre"]) == ("7", "2", "2")


@pytest.mark.holds("S-40")
async def test_the_public_gets_no_rows_of_women(answered: Store, tmp_path: Path) -> None:
    made = await write_export(answered, tmp_path / "out", audience="public")
    assert names(tmp_path / "out") == {
        *("indicators.csv", "funnel.csv", "codebook.csv", "codebook_redcap.csv", "metadata.csv"),
        *("datapackage.json", "read_hilo.R"),
    }
    assert set(made.counts) == {"indicators", "funnel", "codebook", "codebook_redcap", "metadata"}
    assert not any(name.startswith("women") for name in made.facts)
    for row in rows(tmp_path / "out" / "indicators.csv"):
        assert row["suppressed"] == "1", "two women are always too few"
        assert not any(row[name] for name in ("numerator", "denominator", "eligible", "value", "percent", "notes"))
    for row in rows(tmp_path / "out" / "funnel.csv"):
        assert row["point"]
        assert not any(number for name, number in row.items() if name not in ("point", "plan"))
    with pytest.raises(ExportRefused):
        await write_export(answered, tmp_path / "other", audience="public", identified=True, approval="X")


async def test_the_public_learns_what_is_true_of_many(answered: Store, tmp_path: Path) -> None:
    many = await women(answered, 85)
    async with answered.database.transact() as tx:
        closed = {
            **{"plan": "p", "point": "t1", "series": "t1", "instrument": "seguimiento", "state": "closed"},
            **{"due_on": tx.now.date(), **dict.fromkeys(("added_at", "closed_at", "opens_at", "closes_at"), tx.now)},
        }
        fates = ["completed"] * 40 + ["unreachable"] * 20 + ["refused"] * 25
        own = (
            {"id": tx.ids.random(), "participant_id": her, "fate": fate} for her, fate in zip(many, fates, strict=True)
        )
        await tx.run(checkins.insert(), [{**closed, **one} for one in own])
    await write_export(answered, tmp_path / "out", audience="public")
    (row,) = [row for row in rows(tmp_path / "out" / "funnel.csv") if row["point"] == "t1"]
    told = {name: int(number) for name, number in row.items() if name not in ("point", "plan") and number}
    assert told == {"expected": 85, "completed": 40, "refused": 25}, "the smallest hides what nobody had"
    await write_export(answered, tmp_path / "team")
    (row,) = [row for row in rows(tmp_path / "team" / "funnel.csv") if row["point"] == "t1"]
    assert (row["rr1"], row["started"]) == ("47.1", "0")


def the_disk_goes(table: str, rows: int) -> None:
    """In the midst of an export."""
    if table == "funnel":
        raise OSError("the disk is gone")


@pytest.mark.parametrize("format_", FORMATS)
async def test_a_failed_export_leaves_nothing(answered: Store, tmp_path: Path, format_: str) -> None:
    code = await drawn(answered)
    before = names(tmp_path)
    asked: dict[str, Any] = {"format": format_, "identified": True, "approval": code, "progress": the_disk_goes}
    for name in ("out", "out.xlsx" if format_ == "xlsx" else "out.zip"):
        with pytest.raises(OSError, match="gone"):
            await write_export(answered, tmp_path / name, **asked)
    assert names(tmp_path) == before
    assert await registered(answered) == []
    await write_export(answered, tmp_path / "out", identified=True, approval=code)  # the code was not used up


async def test_what_is_written_meanwhile_is_not_in_it(answered: Store, tmp_path: Path) -> None:
    """All tables are of one moment."""

    async def while_others_write(tx: Tx) -> Sequence[Instrument]:
        await copies(answered, 3)
        return await every_version(tx)

    made = await write_export(answered, tmp_path / "out", shelf=while_others_write)
    assert made.counts["people"] == made.counts["wide"] == 2
    async with answered.database.read() as tx:
        assert len(list(await tx.run(select(participants.c.id)))) == 5
