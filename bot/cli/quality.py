"""What in the store cannot be right, is missing, or waits for somebody: numbers first, then the women.

* Women stand there by record_id alone, and staff by what they are.
* Each line says who can mend it; of an imported row the file and the line in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.settings import read_settings
from locales.catalog import ENGLISH, load_catalog
from storage.imports.catalogue import FILE_NAME, read_catalogue
from storage.outcomes.kinds import KIND_KEYS, Kind
from storage.outcomes.quality import Counted, Finding, Mender, count, find, known_as
from storage.outcomes.sources import file_names

FIRST = 20
"""Findings of a kind that are printed; --kind prints all of it."""

TO_DO: Mapping[Kind, str] = {
    Kind.WORKS_AND_NOT: "one of the two is wrong",
    Kind.PAID_WITHOUT_WORK: "one of the two is wrong",
    Kind.ENDED_BEFORE_BEGUN: "correct the dates",
    Kind.POST_BEFORE_PRE: "correct the dates or the moments",
    Kind.INSIDE_AFTER_RELEASE: "correct the scope, the dates, or her release date",
    Kind.ENROLLED_AFTER_DEATH: "correct the enrolment, or participants set --died",
    Kind.BASELINES_DIFFER: "take out the wrong one; the latest counts",
    Kind.UNUSUAL_INCOME: "look at the source: amount, period",
    Kind.NO_MONTHLY: "add the period, and of a day's pay the days a week",
    Kind.NO_INCOME_BEFORE: "ask her, or import it",
    Kind.NO_SCORE_BEFORE: "import the one before, if there is one",
    Kind.VOICE_WAITS: "hilo voices, or /transcribir",
    Kind.DUPLICATE: "look at both; nobody is merged",
    Kind.UNKNOWN_NAME: "correct them, or add them to catalogue.toml",
    Kind.NO_CONSENT_BASIS: "import the file again with consent_basis, or with --consent-basis",
}
"""What to do about it, in this channel's words."""

MENDERS = {Mender.PROMOTORA: "her promotora", Mender.COORDINATOR: "a coordinator"}


@dataclass(frozen=True, slots=True)
class _Found:
    kinds: Mapping[Kind, Sequence[Finding]]
    record_ids: Mapping[int, str]
    files: Mapping[int, str]

    def sorted(self, kind: Kind) -> list[Finding]:
        """The findings of a kind by record_id."""
        return sorted(self.kinds[kind], key=lambda one: self.record_ids.get(one.woman or 0, ""))


def print_quality(kind: Kind | None, *, as_json: bool) -> None:
    """Print what there is to look at, or all of one kind. Raises CatalogueInvalid."""
    found = asyncio.run(_find(list(Kind) if kind is None else [kind]))
    counts = [count(one, findings) for one, findings in found.kinds.items()]
    if as_json:
        told = [_told(one, found) for each in found.kinds for one in found.sorted(each)]
        print_json({"counts": [_counted(one) for one in counts], "findings": told})
        return
    for one in counts:
        typer.echo(f"{one.findings:>7}  {one.kind}: {_what(one.kind)}{_of_women(one.women)}")
    for one in counts:
        for line in _lines(one.kind, found, most=FIRST if kind is None else one.findings):
            typer.echo(line)


async def _find(kinds: Sequence[Kind]) -> _Found:
    settings = read_settings()
    catalogue = read_catalogue(settings.home / FILE_NAME)
    async with open_store(settings) as database, database.read() as tx:
        found = {kind: await find(tx, kind, catalogue=catalogue) for kind in kinds}
        everything = [one for findings in found.values() for one in findings]
        women = {her for one in everything for her in (one.woman, one.other) if her is not None}
        return _Found(found, await known_as(tx, women), await file_names(tx))


def _what(kind: Kind) -> str:
    return load_catalog().text(KIND_KEYS[kind], ENGLISH)


def _of_women(women: int) -> str:
    return f" ({women} {'woman' if women == 1 else 'women'})" if women else ""


# --- for programs


def _counted(one: Counted) -> dict[str, Any]:
    return {"kind": one.kind, "findings": one.findings, "women": one.women}


def _told(one: Finding, found: _Found) -> dict[str, Any]:
    file = None if one.import_id is None else found.files.get(one.import_id)
    whose = {"record_id": _known_as(one.woman, found), "other": _known_as(one.other, found), "women": one.women}
    about = {"what": one.what, "day": one.day, "near": one.near}
    return {"kind": one.kind, **whose, **about, "mender": one.mender, "file": file, "line": one.line}


def _known_as(woman: int | None, found: _Found) -> str | None:
    return None if woman is None else found.record_ids.get(woman)


# --- for people


def _lines(kind: Kind, found: _Found, *, most: int) -> Iterator[str]:
    findings = found.sorted(kind)
    if not findings:
        return
    yield f"\n{_what(kind)}: {TO_DO[kind]}"
    for one in findings[:most]:
        day = () if one.day is None else (str(one.day),)
        yield "  " + "\t".join((_about(one, found), *day, _mender(one, found)))
    if len(findings) > most:
        yield f"  and {len(findings) - most} more: hilo quality --kind {kind}"


def _about(one: Finding, found: _Found) -> str:
    if one.woman is None:
        near = "" if one.near is None else f", near {one.near}"
        return f"“{one.what}”{near}{_of_women(one.women)}"
    other = "" if one.other is None else f" and {_known_as(one.other, found) or '-'}"
    return "\t".join(filter(None, ((_known_as(one.woman, found) or "-") + other, one.what)))


def _mender(one: Finding, found: _Found) -> str:
    if one.import_id is None:
        return MENDERS[one.mender]
    return f"whoever imported {found.files.get(one.import_id, '-')}, line {one.line}"
