"""Scoring packs as files: what the shipped ones hold and must not hold, and how a faulty one is told."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest

from bot.library import SHIPPED as INSTRUMENTS
from conversations.xlsform import parse_instrument
from storage.outcomes import scoring
from storage.outcomes.pack import Pack, PackInvalid, read_pack
from storage.outcomes.scoring import SHIPPED, adopt, misfits, pack, packs

OURS = {"bienestar", "valoracion"}
OTHERS = {"gad7", "gad2", "erq_ca9", "brs", "gem"}

OWN = """
name = "animo"
title = "Ánimo"
construct = "wellbeing"
low = 0
high = 4
items = ["animo_1", "animo_2"]
method = "sum"
better = "higher"
licence = "ours"
source = "ours"
validated = false
"""

FORM = """
| settings |
| | form_id | version |
| | animo   | 1       |

| survey |
| | type             | name    | label   |
| | integer          | animo_1 | ¿Uno?   |
| | select_one veces | {name}  | ¿Otro?  |

| choices |
| | list_name | name      | label   |
| | veces     | nunca_0   | Nunca   |
| | veces     | {always}  | Siempre |
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An organisation's folder of packs; afterwards there are none of its own."""
    yield tmp_path
    adopt(tmp_path / "none")


def faults(text: str) -> list[str]:
    with pytest.raises(PackInvalid) as invalid:
        read_pack(text, told_of="x.toml")
    return list(invalid.value.problems)


# --- the shipped ones


def test_seven_ship_each_in_the_file_of_its_name() -> None:
    assert {one.name for one in packs()} == OURS | OTHERS == {path.stem for path in SHIPPED.glob("*.toml")}


@pytest.mark.parametrize("one", packs(), ids=lambda one: one.name)
def test_each_says_whose_it_is_and_whether_it_has_been_tested(one: Pack) -> None:
    assert one.licence
    assert one.source
    assert one.validated is (one.name not in OURS)


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_no_text_of_an_item_is_in_a_pack(name: str) -> None:
    """An item is a code and a number; no setting can hold what is asked, and no form of these instruments ships."""
    raw = tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))
    items = [*raw.get("items", ()), *(item for group in raw.get("subscales", {}).values() for item in group)]
    assert items
    assert all(re.fullmatch(r"(gad7|brs|reevaluacion|supresion|equitativa|inequitativa)_(\d|\*)", one) for one in items)
    assert not set(raw) - set(Pack.model_fields) - {"construct"}
    assert not (INSTRUMENTS / f"{name}.md").exists()


@pytest.mark.parametrize(
    ("name", "span", "cutoffs", "change"),
    [
        ("gad7", (0, 21), [5, 10, 15], 4),
        ("gad2", (0, 6), [3], None),
        ("brs", (1, 5), [3, Decimal("4.31")], None),
        ("gem", (1, 3), [], None),
    ],
)
def test_the_published_facts(name: str, span: tuple[int, int], cutoffs: list[Decimal], change: int | None) -> None:
    one = pack(name)
    assert one is not None
    assert (one.span(), sorted(one.cutoffs.values()), one.change) == (span, cutoffs, change)


# --- an organisation's own


def test_its_own_pack_counts_once_adopted_and_takes_the_place_of_a_shipped_one(folder: Path) -> None:
    (folder / "animo.toml").write_text(OWN, encoding="utf-8")
    (folder / "gem.toml").write_text(OWN.replace('"animo"', '"gem"'), encoding="utf-8")
    adopt(folder)
    own, replaced = pack("ANIMO"), pack("gem")
    assert own is not None
    assert replaced is not None
    assert (own.title, replaced.title) == ("Ánimo", "Ánimo")
    assert len(packs()) == 8
    (folder / "animo.toml").unlink()
    adopt(folder)
    assert pack("animo") is None


def test_faulty_packs_are_told_all_at_once_and_nothing_changes(folder: Path) -> None:
    (folder / "a.toml").write_text(OWN, encoding="utf-8")
    (folder / "b.toml").write_text(OWN, encoding="utf-8")
    (folder / "c.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(PackInvalid) as invalid:
        adopt(folder)
    told = list(invalid.value.problems)
    assert [one.partition(":")[0] for one in told] == ["b.toml", "c.toml"]
    assert pack("animo") is None


def test_all_problems_of_a_file_are_told_at_once() -> None:
    text = 'name = "A"\nlow = 3\nhigh = 1\nitems = ["x_*"]\nreversed = ["z"]\nmethod = "sum"\nfoo = 1\n'
    text += "reliability = { q = 0.3 }"
    assert [one.split(": ")[1] for one in faults(text)] == [
        *("name", "title", "construct", "high", "count", "reversed", "method", "better", "reliability"),
        *("licence", "source", "validated", "foo"),
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('items = ["animo_1", "animo_2"]', ""), "x.toml: subscales: there are no items"),
        (('"animo_2"', '"animo_1"'), "x.toml: subscales: an item is named twice"),
        (('method = "sum"', 'method = "sum"\ncount = 3'), "x.toml: count: is 3, and 2 items are named"),
        (('"wellbeing"', '"mood"'), "x.toml: construct:"),
        (('"ours"', '" "'), "x.toml: licence:"),
    ],
)
def test_what_does_not_hang_together_is_told(change: tuple[str, str], told: str) -> None:
    assert faults(OWN.replace(*change))[0].startswith(told)


# --- a form and its pack


def test_a_form_that_fits_has_nothing_to_mind() -> None:
    form = parse_instrument("animo", FORM.format(name="animo_2", always="siempre_4"))
    assert misfits(read_pack(OWN, told_of="x"), form) == []


@pytest.mark.parametrize(
    ("name", "always", "versions", "told"),
    [
        ("animo_dos", "siempre_4", "", "1 of the 2 items"),
        ("animo_2", "siempre_5", "", "the choices of animo_2 must end in numbers from 0 to 4"),
        ("animo_2", "siempre", "", "the choices of animo_2"),
        ("animo_2", "siempre_4", 'versions = ["2"]', "its pack is for version 2"),
    ],
)
def test_why_a_form_would_have_no_score_is_told(name: str, always: str, versions: str, told: str) -> None:
    own = read_pack(f"{versions}\n{OWN}", told_of="x")
    (minded,) = scoring.misfits(own, parse_instrument("animo", FORM.format(name=name, always=always)))
    assert told in minded


def test_the_pack_that_the_docs_show_is_sound() -> None:
    shown = (Path(__file__).parents[2] / "docs" / "outcomes.md").read_text(encoding="utf-8")
    (block,) = [one for one in re.findall(r"(?:^    .+\n)+", shown, re.MULTILINE) if "form_id" in one]
    example = read_pack(dedent(block), told_of="docs/outcomes.md")
    assert set(Pack.model_fields) - {"count"} == example.model_fields_set
