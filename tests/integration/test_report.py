"""The report as a file: what stands in it, for whom, in which language, and that it leaves a trace."""

from __future__ import annotations

import asyncio
import re
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from storage import schema
from storage.report.findings import Findings, look
from storage.report.making import Made
from storage.report.page import page
from storage.report.words import Wording
from tests.support.fixture import CUT_OFF, store_all, women
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.points import WOMEN, ask_all
from tests.support.world import Store

CLOCK = ZoneInfo("America/Mexico_City")
NASTY = "<script>alert('x')</script>"
VOID = {"meta", "link", "br"}


@pytest.fixture
async def filled(store: Store) -> Store:
    await store_all(store.database, women())
    await ask_all(store.database)
    return store


async def found(store: Store, *, public: bool = False) -> Findings:
    async with store.database.read() as tx:
        return await look(tx, CUT_OFF, public=public)


async def told(store: Store, *, public: bool = False, language: str = "es") -> str:
    return page(await found(store, public=public), Wording(language), zone=CLOCK)


class Reader(HTMLParser):
    """A page as a tree is read: its elements by name, its texts, and whether all that opens closes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.cells: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.names.append(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "srcset")]
        assert not any(name.startswith("on") or name == "style" for name in given), given
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] in (["td"], ["th"], ["p"], ["h3"], ["text"]):
            self.cells.append(data.replace("\N{NO-BREAK SPACE}", " ").strip())


async def test_the_published_figures_stand_in_it_with_base_and_interval(store: Store) -> None:
    await store_all(store.database, women())
    cells = Reader(await told(store)).cells
    for text in ("4,221", "571", "60 % (600 de 1,000)", "42 % (252 de 600)", "84 % (504 de 600)", "75 % (300 de 400)"):
        assert text in cells, text
    sentence = "De 1,000 mujeres de quienes se sabe, 600 encontraron trabajo (60 %; entre 57 y 63). No se sabe de 250."
    assert sentence in cells
    assert "Con más de un tipo de trabajo: 24." in cells
    assert "dentro 26 %, en libertad 35 %" in cells, "what was found inside is not told as if it were outside"
    assert "se sabe de 400 de 4,221" in cells


async def test_it_names_the_instruments_and_says_which_is_not_validated(store: Store) -> None:
    assert (await found(store)).instruments == []
    await store_all(store.database, women())
    text = await told(store)
    assert "gad7 (versión 1)" in text
    assert "valoracion (versión 1, sin validar)" in text


async def test_of_how_many_it_is_known_is_rounded_once(store: Store) -> None:
    """400 of 4,221 are 9.476 %: by way of 9.5 it would be 10."""
    await store_all(store.database, women())
    assert "9 % de 4,221" in Reader(await told(store)).cells


async def test_each_picture_has_its_numbers_in_a_table(filled: Store) -> None:
    text = await told(filled)
    figures = re.findall(r"<figure.*?</figure>", text, re.DOTALL)
    drawn = [figure for figure in figures if "<svg" in figure]
    assert len(drawn) > 12
    for figure in drawn:
        picture, table = figure.replace("\N{NO-BREAK SPACE}", " ").split("<details>")
        listed = re.findall(r"<td>(\d+ %|\$\d[\d,]*\d)</td>", table)
        seen = re.findall(r">(\d+ %|\$\d[\d,]*\d)(?: \(|</text>)", picture)
        described = re.search(r'role="img".*<title.*<desc[^>]*>(.*?)</desc>', picture, re.DOTALL)
        assert listed
        assert described is not None
        assert set(listed) <= set(seen)
        assert listed == re.findall(r": (\d+ %|\$\d[\d,]*\d)", described[1])


async def test_it_stands_alone(filled: Store) -> None:
    text = await told(filled)
    read = Reader(text)
    assert not {"script", "iframe", "img", "object", "form", "base"} & set(read.names)
    assert {link[:1] for link in read.links if not link.startswith("data:,")} == {"#"}
    assert {link[1:] for link in read.links if link.startswith("#")} <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))
    assert "default-src 'none'" in text
    assert "url(" not in text
    assert len(text) < 400_000


async def test_what_comes_from_the_store_is_escaped(filled: Store) -> None:
    async with filled.database.transact() as tx:
        await tx.run(update(schema.participants).values(cohort=NASTY, centre=NASTY, schooling=NASTY))
        await tx.run(update(schema.enrolments).values(centre=NASTY))
        await tx.run(update(schema.checkins).where(schema.checkins.c.point == "m1").values(point=NASTY))
        await tx.run(update(schema.employments).where(schema.employments.c.kind == "otro").values(kind=NASTY))
    for language in ("es", "en"):
        text = await told(filled, language=language)
        assert "<script" not in text
        assert "&lt;script&gt;" in text


async def test_it_tells_who_is_missing(filled: Store) -> None:
    kept = (await found(filled)).kept
    assert kept.denominator == WOMEN
    assert set(kept.by) == {"age", "schooling", "dependants", "centre", "cohort"}
    for groups in kept.by.values():
        assert sum(one.denominator or 0 for one in groups.values()) == WOMEN
        assert sum(one.numerator or 0 for one in groups.values()) == kept.numerator
    age = kept.by["age"]
    assert (age["25_34"].value or 0) < (age["45_54"].value or 0)


async def test_incomes_are_told_as_the_middle_of_so_many(filled: Store) -> None:
    by_moment = {one.moment: one for one in (await found(filled)).incomes}
    before = by_moment["pre_taller"]
    assert (before.women, before.quarter, before.median) == (600, 300_000, 300_000)
    assert list(by_moment) == ["pre_detencion", "pre_taller", "m1", "m3", "m6", "m12", "actual"]
    assert by_moment["pre_detencion"].women == 0
    for one in by_moment.values():
        assert (one.quarter or 0) <= (one.median or 0) <= (one.three_quarters or 0)


async def test_points_stand_in_the_order_of_their_dates_with_what_became_of_them(filled: Store) -> None:
    whole = await found(filled)
    assert list(whole.funnels) == list(whole.figures[3].by["point"]) == ["m1", "m3", "m6", "m12"]
    for point, funnel in whole.funnels.items():
        assert (whole.answered[point].numerator, funnel.expected) == (funnel.rr2.numerator, WOMEN)


async def test_the_public_sees_no_small_cell(filled: Store) -> None:
    async with filled.database.transact() as tx:  # nine women at a centre of their own
        few = [f"p{number}" for number in range(0, 72, 8)]
        them = select(schema.participants.c.id).where(schema.participants.c.person.in_(few))
        hers = schema.enrolments.c.participant_id.in_(them)
        await tx.run(update(schema.enrolments).where(hers).values(centre="Tepepan"))
    team, public = await found(filled), await found(filled, public=True)
    one = {figure.id: figure for figure in public.figures}["F4"].by["centre"]["Tepepan"]
    assert (one.suppressed, one.numerator) == (True, None)
    assert not {figure.id: figure for figure in team.figures}["F4"].by["centre"]["Tepepan"].suppressed
    for figure in (*public.figures, public.kept, public.kinds):
        assert (figure.notes, figure.strict) == ({}, None)
        for groups in figure.by.values():
            for group in groups.values():
                assert group.suppressed or (group.numerator or 0) >= 10
                assert group.denominator is None or group.denominator - (group.numerator or 0) >= 10
    assert not public.funnels
    assert all(income.median is None or income.median % 10_000 == 0 for income in public.incomes)
    text = page(public, Wording(), zone=CLOCK)
    assert "no se muestra: son pocas" in text
    assert "No se muestra" not in page(team, Wording(), zone=CLOCK)


async def test_a_kind_of_work_that_is_hidden_once_is_hidden_twice(filled: Store) -> None:
    async with filled.database.transact() as tx:
        jobs = schema.employments
        few = select(jobs.c.id).where(jobs.c.kind == "taller_o_actividad_dentro").limit(145)
        await tx.run(update(jobs).where(jobs.c.id.in_(few)).values(kind="produccion_la_cana"))
    public = await found(filled, public=True)
    shown = {figure.id: figure.suppressed for figure in public.figures}
    kinds = {kind: one.suppressed for kind, one in public.kinds.by["kind"].items()}
    assert shown["F5c"]
    assert (shown["F5a"], shown["F5b"], shown["F5c"]) == (
        kinds["autoempleo"],
        kinds["produccion_la_cana"],
        kinds["taller_o_actividad_dentro"],
    )
    assert sum(kinds.values()) > 1, "one alone follows from the others"


async def test_an_empty_store_has_a_report_too(store: Store) -> None:
    cells = Reader(await told(store)).cells
    assert cells.count("Todavía no se sabe de ninguna mujer.") > 5


async def test_centres_have_the_names_that_the_organisation_gives_them(filled: Store, tmp_path: Path) -> None:
    (filled.home / "catalogue.toml").write_text('[[centres]]\ncode = "TEP"\nnames = ["Tepepan"]\n', encoding="utf-8")
    async with filled.database.transact() as tx:
        await tx.run(update(schema.enrolments).where(schema.enrolments.c.centre == "CHA").values(centre="TEP"))
    out = tmp_path / "informe.html"
    operator = Operator(filled.home, {"HILO_BOT_API_URL": NOBODY_LISTENS})
    await asyncio.to_thread(operator.done, "report", "--out", out)
    cells = Reader(out.read_text(encoding="utf-8")).cells
    assert "Tepepan" in cells
    assert "TEP" not in cells


async def test_one_that_cannot_be_written_was_not_made(filled: Store, tmp_path: Path) -> None:
    operator = Operator(filled.home, {"HILO_BOT_API_URL": NOBODY_LISTENS})
    said = await asyncio.to_thread(operator.refused, "report", "--out", tmp_path / "nowhere" / "informe.html")
    assert "nowhere: there is no such folder" in said
    async with filled.database.read() as tx:
        assert (await tx.run(select(schema.exports))).all() == []


async def test_the_command_writes_it_once_and_leaves_a_trace(filled: Store, tmp_path: Path) -> None:
    operator = Operator(filled.home, {"HILO_BOT_API_URL": NOBODY_LISTENS})
    out = tmp_path / "informe.html"
    said = await asyncio.to_thread(operator.done, "report", "--out", out, "--for", "public", "--lang", "en")
    text = out.read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert "for the public" in said
    assert out.stat().st_mode & 0o777 == 0o600
    assert "there already" in await asyncio.to_thread(operator.refused, "report", "--out", out)
    assert out.read_text(encoding="utf-8") == text
    await asyncio.to_thread(operator.done, "report", "--out", out, "--force")
    again = out.read_text(encoding="utf-8")
    assert '<html lang="es">' in again
    async with filled.database.read() as tx:
        rows = (await tx.run(select(schema.exports).order_by(schema.exports.c.at))).all()
        acts = (await tx.run(select(schema.audit.c.action, schema.audit.c.detail))).all()
    assert [(row.format, row.audience, row.made_by, row.file_hash) for row in rows] == [
        ("html", "public", "command", Made(CUT_OFF, text).hash),
        ("html", "team", "command", Made(CUT_OFF, again).hash),
    ]
    assert [tuple(act) for act in acts][-2:] == [("report_made", "public"), ("report_made", "team")]
