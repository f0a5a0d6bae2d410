"""Files of enrolments, measurements and work become rows of the outcome store, all at once or not at all.

* What a file would change is worked out first; a dry run shows that, and storing does exactly that.
* Rows go in by small transactions, and count from the moment when the last one says that the file is whole. What an
  import that died has left is removed by the next.
* The same file again changes nothing. Another value under the same key takes the place of the one before, which stays
  as what was known until then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import to_json
from sqlalchemy import Table, bindparam, delete, func, select, update

from storage import audit, people
from storage.database import Conflict, Database, Tx
from storage.imports.basis import NO_BASIS, WITNESS
from storage.imports.facts import (
    EMPLOYMENT,
    ENROLMENT,
    INCOME,
    MEASUREMENT,
    ON_CONSENT,
    SUPPORT,
    Fact,
    FactFile,
    Items,
    items,
)
from storage.imports.near import Beginnings, Begun
from storage.imports.problems import Fault, SheetProblem
from storage.outcomes.known import known
from storage.people import NewParticipant
from storage.schema import employments, enrolments, imports, incomes, measurements, supports
from storage.vault import Place

HERE = "America/Mexico_City"
"""The clock by which a day has come, and by which an undated row is of the day of its import."""

BATCH = 500
"""Rows that one transaction writes, so that it holds the store for well under 50 ms (design.md D11)."""

WOMEN_A_BATCH = 100
"""The same for women who are created, of whom each is several rows."""

_TABLES: Mapping[str, Table] = {
    **{ENROLMENT: enrolments, MEASUREMENT: measurements, EMPLOYMENT: employments, INCOME: incomes, SUPPORT: supports},
}
_NATURAL: Mapping[str, tuple[str, ...]] = {
    ENROLMENT: ("axis", "workshop", "centre", "started_on"),
    MEASUREMENT: ("instrument", "version", "subscale", "moment", "taken_on"),
    EMPLOYMENT: ("scope", "kind", "started_on", "as_of_on"),
    INCOME: ("scope", "moment", "as_of_on"),
    SUPPORT: ("as_of_on",),
}
_SAYS: Mapping[str, tuple[str, ...]] = {
    ENROLMENT: ("ended_on", "completed", "sessions_attended"),
    MEASUREMENT: ("score", "answered", *NO_BASIS),
    EMPLOYMENT: ("ended_on", *NO_BASIS),
    INCOME: ("status", "amount", "high", "period", "days_per_week", "factor_version", "monthly", *NO_BASIS),
    SUPPORT: ("given", *NO_BASIS),
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody has said of the file's rows: who is not known is created, and of rows that may be enrolments that
    are known already, by line, which are the same and which are others."""

    create_people: bool = False
    same: frozenset[int] = frozenset()
    other: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Counts:
    """What becomes of a file: women created, and by table the rows that are new, that were there already, that correct
    another, and those that the file takes back; `refused` are lines of the file."""

    women: int = 0
    new: Mapping[str, int] = field(default_factory=dict)
    same: Mapping[str, int] = field(default_factory=dict)
    corrected: Mapping[str, int] = field(default_factory=dict)
    withdrawn: Mapping[str, int] = field(default_factory=dict)
    refused: int = 0

    @property
    def totals(self) -> tuple[int, ...]:
        """Women created, and of all tables together the rows new, there, corrected and taken back; lines refused."""
        rows = (sum(numbers.values()) for numbers in (self.new, self.same, self.corrected, self.withdrawn))
        return (self.women, *rows, self.refused)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What storing a file will do: whom it creates, what it writes, and which rows of which table give way.

    `before` are the imports that were done when this was worked out: another one since spoils it.
    """

    women: tuple[str, ...]
    facts: tuple[Fact, ...]
    gone: Mapping[str, tuple[int, ...]]
    counts: Counts
    problems: tuple[SheetProblem, ...]
    before: int


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is imported: the format it is in, its name, the SHA-256 of its bytes, and who imports it."""

    kind: str
    file_name: str
    file_hash: str
    by: str = "command"


# --- working out what it would change


@dataclass(slots=True)
class _Standing:
    """A row of an earlier import that holds."""

    id: int
    key: dict[str, Any]
    says: Items


async def prepare(tx: Tx, file: FactFile, decided: Decided) -> Prepared:
    """Hold a file against the store; `problems` are those that only the store could tell."""
    ids = await _women(tx, file.facts)
    standing = {name: await _standing(tx, name, set(ids.values())) for name in {fact.table for fact in file.facts}}
    problems = [] if decided.create_people else list(_strangers(file.facts, ids))
    likely = _likely(file.facts, ids, standing=standing.get(ENROLMENT, {}))
    problems += _undecided(likely, decided)
    left_out = {problem.line for problem in problems}
    facts = [fact for fact in file.facts if fact.line not in left_out]
    same_as = {line: begun.row for line, begun in likely.items() if line in decided.same and begun.row is not None}
    plan = _compare(facts, ids, standing=standing, same_as=same_as)
    women = {fact.record_id.casefold(): fact.record_id for fact in plan.write if fact.record_id.casefold() not in ids}
    refused = len({problem.line for problem in (*file.problems, *problems)})
    new, same, corrected, withdrawn = (
        dict(+numbers) for numbers in (plan.new, plan.same, plan.corrected, plan.withdrawn)
    )
    counts = Counts(len(women), new, same, corrected, withdrawn, refused)
    gone = {name: tuple(rows) for name, rows in plan.gone.items()}
    done = await _imports_done(tx)
    return Prepared(tuple(women.values()), tuple(plan.write), gone, counts, tuple(problems), done)


async def _women(tx: Tx, facts: Sequence[Fact]) -> dict[str, int]:
    return await people.known_record_ids(tx, list(dict.fromkeys(fact.record_id.casefold() for fact in facts)))


async def _imports_done(tx: Tx) -> int:
    statement = select(func.count()).select_from(imports).where(imports.c.done_at.is_not(None))
    return int((await tx.run(statement)).scalar_one())


async def _standing(tx: Tx, name: str, women: Collection[int]) -> dict[int, list[_Standing]]:
    """What earlier imports say of these women in this table."""
    table, found = _TABLES[name], defaultdict[int, list[_Standing]](list)
    columns = [table.c[column] for column in ("id", "participant_id", "learned_at", *_NATURAL[name], *_SAYS[name])]
    hers = table.c.participant_id.in_(bindparam("women", expanding=True))
    statement = select(*columns).where(hers, table.c.import_id.is_not(None), known(table))
    everybody = sorted(women)
    for start in range(0, len(everybody), BATCH):
        for row in await tx.run(statement, [{"women": everybody[start : start + BATCH]}]):
            told = row._mapping
            key = {column: told[column] for column in _NATURAL[name]}
            if key.get("as_of_on") == row.learned_at.astimezone(ZoneInfo(HERE)).date():
                key["undated"] = True
            says = items({column: told[column] for column in _SAYS[name]})
            found[row.participant_id].append(_Standing(row.id, key, says))
    return found


def _strangers(facts: Sequence[Fact], ids: Mapping[str, int]) -> Iterator[SheetProblem]:
    for line, record_id in dict.fromkeys((fact.line, fact.record_id.casefold()) for fact in facts):
        if record_id not in ids:
            message = "nobody is registered under this; register her first, or import with --create-people"
            yield SheetProblem(line, "record_id", Fault.UNKNOWN_PERSON, message)


def _likely(
    facts: Sequence[Fact], ids: Mapping[str, int], *, standing: Mapping[int, Sequence[_Standing]]
) -> dict[int, Begun]:
    """Which lines may be enrolments that the store or an earlier line has: by line, the one."""
    there, found = Beginnings(), dict[int, Begun]()
    stored: set[object] = {(her, items(_plain(row.key))) for her, rows in standing.items() for row in rows}
    for woman, rows in standing.items():
        for row in rows:
            there.add(woman, row.key, row=row.id)
    for fact in facts:
        if fact.table != ENROLMENT:
            continue
        her: int | str = ids.get(fact.record_id.casefold(), fact.record_id.casefold())
        if (her, items(fact.key)) not in stored:
            begun = there.near(her, fact.key)
            if begun is not None:
                found[fact.line] = begun
            there.add(her, fact.key, line=fact.line)
    return found


def _plain(key: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in key.items() if name != "undated"}


def _undecided(likely: Mapping[int, Begun], decided: Decided) -> Iterator[SheetProblem]:
    """Of each line that may be known somebody must say which it is; the same as an earlier line is left out."""
    for line, begun in likely.items():
        if line in decided.other or (line in decided.same and begun.row is not None):
            continue
        where = "one that is stored" if begun.line is None else f"the one on line {begun.line}"
        message = (
            f"may be {where}, which begins on another day or under another axis; --other {line} if it is another, "
            + (f"--same {line} if this is the true one" if begun.line is None else "else take one of the lines out")
        )
        yield SheetProblem(line, "started_on", Fault.LIKELY_DUPLICATE, message)


@dataclass(slots=True)
class _Plan:
    """What is to be written and what gives way, how much of either by table, and which rows have been looked at."""

    write: list[Fact] = field(default_factory=list)
    settled: set[int] = field(default_factory=set)
    gone: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    new: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    corrected: Counter[str] = field(default_factory=Counter)
    withdrawn: Counter[str] = field(default_factory=Counter)


def _compare(
    facts: Sequence[Fact],
    ids: Mapping[str, int],
    *,
    standing: Mapping[str, Mapping[int, Sequence[_Standing]]],
    same_as: Mapping[int, int],
) -> _Plan:
    """What of these facts the store has, and what it has otherwise."""
    plan, groups = _Plan(), defaultdict[tuple[str, str, Items], list[Fact]](list)
    for fact in facts:
        groups[fact.about].append(fact)
    for (record_id, name, _), told in groups.items():
        rows = standing[name].get(ids.get(record_id, 0), ())
        free = [row for row in rows if row.id not in plan.settled]
        there = [row for row in free if any(_is_about(row, fact) or row.id == same_as.get(fact.line) for fact in told)]
        plan.settled.update(row.id for row in there)
        _settle(plan, told, there=there)
    return plan


def _is_about(row: _Standing, fact: Fact) -> bool:
    """Whether both have one key; two that name no day have one, whenever they were imported."""
    ours = dict(fact.key)
    if fact.undated and row.key.get("undated"):
        ours["as_of_on"] = row.key["as_of_on"]
    return _plain(row.key) == ours


def _settle(plan: _Plan, told: Sequence[Fact], *, there: Sequence[_Standing]) -> None:
    """Set what a file says of one key against what the store has of it: what is equal stays, the rest gives way."""
    name, left, others = told[0].table, list(there), list[Fact]()
    for fact in told:
        equal = next((row for row in left if row.says == items(fact.said) and _is_about(row, fact)), None)
        if equal is None:
            others.append(fact)
        else:
            left.remove(equal)
            plan.same[name] += 1
    corrected = min(len(others), len(left))
    plan.corrected[name] += corrected
    plan.new[name] += len(others) - corrected
    plan.withdrawn[name] += len(left) - corrected
    plan.write += others
    plan.gone[name] += [row.id for row in left]


# --- storing it


async def store(database: Database, prepared: Prepared, *, source: Source) -> int:
    """Store what was prepared; returns the number of the import, which counts from now on.

    Raises Conflict, having changed no figure, if another file was imported meanwhile.
    """
    await _clear(database)
    async with database.transact() as tx:
        at, number = tx.now, await _begin(tx, source)
    for start in range(0, len(prepared.women), WOMEN_A_BATCH):
        async with database.transact() as tx:
            await _create(tx, prepared.women[start : start + WOMEN_A_BATCH])
    async with database.read() as tx:
        ids = await _women(tx, prepared.facts)
    for start in range(0, len(prepared.facts), BATCH):
        async with database.transact() as tx:
            await _write(
                tx, prepared.facts[start : start + BATCH], ids, learned={"import_id": number, "learned_at": at}
            )
    async with database.transact() as tx:
        await _finish(tx, number, prepared, source=source)
    return number


async def _clear(database: Database) -> None:
    """Remove what imports that died have left."""
    async with database.read() as tx:
        dead = list((await tx.run(select(imports.c.id).where(imports.c.done_at.is_(None)))).scalars())
    for table in _TABLES.values() if dead else ():
        some = select(table.c.id).where(table.c.import_id.in_(dead)).limit(BATCH).scalar_subquery()
        removed = BATCH
        while removed == BATCH:
            async with database.transact() as tx:
                removed = (await tx.run(delete(table).where(table.c.id.in_(some)))).rowcount
    if dead:
        async with database.transact() as tx:
            await tx.run(delete(imports).where(imports.c.id.in_(dead)))


async def _begin(tx: Tx, source: Source) -> int:
    number = tx.ids.random()
    name = tx.vault.seal_text(Place("imports", "file_name", number), source.file_name)
    told = {"kind": source.kind, "file_name": name, "file_hash": source.file_hash, "imported_by": source.by}
    await tx.run(imports.insert(), [{"id": number, "at": tx.now, **told}])
    return number


async def _create(tx: Tx, record_ids: Sequence[str]) -> None:
    """Women of whom nothing is known but their record_id: without a name, and nothing is expected of them."""
    women = [NewParticipant(record_id, name="", zone=HERE, plan=people.NOT_FOLLOWED) for record_id in record_ids]
    await people.add_participants(tx, women)


async def _write(tx: Tx, facts: Sequence[Fact], ids: Mapping[str, int], *, learned: Mapping[str, Any]) -> None:
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for fact in facts:
        row = {"id": tx.ids.random(), "participant_id": ids[fact.record_id.casefold()], "line": fact.line, **learned}
        if fact.table == INCOME:
            row["words"] = tx.vault.seal_text(Place("incomes", "words", row["id"]), fact.words)
        if fact.table in ON_CONSENT:
            witness = None if fact.basis is None else fact.basis.witness
            row[WITNESS] = tx.vault.seal_text(Place(fact.table, WITNESS, row["id"]), witness)
        rows[fact.table].append({**row, **fact.key, **fact.said})
    for name, of_it in rows.items():
        await tx.run(_TABLES[name].insert(), of_it)


async def _finish(tx: Tx, number: int, prepared: Prepared, *, source: Source) -> None:
    """From here on the file's rows hold, and those that they correct do not. Raises Conflict."""
    if await _imports_done(tx) != prepared.before:
        raise Conflict("another file was imported meanwhile")
    for name, gone in prepared.gone.items():
        await _give_way(tx, _TABLES[name], gone, at=tx.now)
    counts = to_json(asdict(prepared.counts)).decode()
    done = update(imports).where(imports.c.id == number).values(done_at=tx.now, counts=counts)
    if (await tx.run(done)).rowcount != 1:
        raise Conflict("another import has taken this one for dead")
    told = (source.kind, _in_groups(source.file_hash), *prepared.counts.totals)
    await audit.append(tx, [audit.Act(source.by, "outcomes_imported", str(number), " ".join(map(str, told)))])


def _in_groups(file_hash: str) -> str:
    """The hash by eight signs: the trail takes a longer number for an id of ours, and shows none (storage/trail.py)."""
    return "-".join(file_hash[start : start + 8] for start in range(0, len(file_hash), 8))


async def _give_way(tx: Tx, table: Table, rows: Sequence[int], *, at: datetime) -> None:
    gives_way = update(table).where(table.c.id == bindparam("row")).values(replaced_at=at)
    await tx.run(gives_way, [{"row": row} for row in rows])


def today_of(now: datetime) -> date:
    """The day that it is here."""
    return now.astimezone(ZoneInfo(HERE)).date()
