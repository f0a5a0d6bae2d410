"""The REDCap data dictionary as REDCap checks one before it takes it, written down here from its own rules.

Source of the rules: what REDCap's Online Designer says of an uploaded dictionary (names, types, validations, choices,
branching, one form after the other), and the 18 columns in their order.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.library import SHIPPED
from conversations.xlsform import parse_instrument
from storage.schema import answers, instruments
from tests.support.exports import FORM, NAME, fill, write_export
from tests.support.world import START, Store

HEADER = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,'
    "Text Validation Min,Text Validation Max,Identifier?,Branching Logic (Show field only if...),Required Field?,"
    "Custom Alignment,Question Number (surveys only),Matrix Group Name,Matrix Ranking?,Field Annotation"
)
TYPES = {"text", "notes", "radio", "dropdown", "checkbox", "calc", "descriptive", "yesno", "truefalse", "slider"}
CHECKS = {"", "integer", "number", "date_ymd", "date_dmy", "email", "time"}
NAMED = re.compile(r"[a-z](?:_?[a-z0-9]+)*")
TOKENS = re.compile(r"\s*(?:\[(\w+)(?:\((\w+)\))?\]|('[^']*'|-?\d+(?:\.\d+)?)|(<=|>=|!=|=|<|>)|(and|or)\b|([()]))")

Lines = list[dict[str, str]]


def read(path: Path) -> Lines:
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert file.readline().rstrip("\r\n") == HEADER
        return list(csv.DictReader(file, fieldnames=next(csv.reader([HEADER]))))


def choices(line: Mapping[str, str]) -> dict[str, str]:
    parts = [part.split(",", 1) for part in line["Choices, Calculations, OR Slider Labels"].split("|")]
    assert all(len(part) == 2 for part in parts), line
    return {code.strip(): label.strip() for code, label in parts}


def faults(lines: Lines) -> Iterator[str]:
    """What REDCap would say against these lines."""
    names = [line["Variable / Field Name"] for line in lines]
    yield from (f"{name}: twice" for name in {name for name in names if names.count(name) > 1})
    forms = [form for form, _ in groupby(line["Form Name"] for line in lines)]
    yield from (f"{form}: in pieces" for form in set(forms) if forms.count(form) > 1)
    by_name = {line["Variable / Field Name"]: line for line in lines}
    for line in lines:
        name = line["Variable / Field Name"]
        yield from (f"{name}: {fault}" for fault in _faults(line, by_name))


def _faults(line: Mapping[str, str], by_name: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    if not NAMED.fullmatch(line["Variable / Field Name"]) or len(line["Variable / Field Name"]) > 100:
        yield "is no name"
    if not NAMED.fullmatch(line["Form Name"]):
        yield f"{line['Form Name']} is no form"
    if not line["Field Label"].strip():
        yield "has no label"
    kind, check = line["Field Type"], line["Text Validation Type OR Show Slider Number"]
    if kind not in TYPES or check not in CHECKS or (check and kind != "text"):
        yield f"{kind} {check} is no type"
    if kind in {"radio", "checkbox", "dropdown"}:
        told = choices(line)
        if not all(re.fullmatch(r"\w+", code) and label for code, label in told.items()):
            yield f"{told} are no choices"
    elif line["Choices, Calculations, OR Slider Labels"]:
        yield "has choices"
    if {line["Identifier?"], line["Required Field?"]} - {"", "y"}:
        yield "neither y nor empty"
    yield from _unclear(line["Branching Logic (Show field only if...)"], by_name)


def _unclear(logic: str, by_name: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    place, depth, operands = 0, 0, 0
    while place < len(logic.rstrip()):
        token = TOKENS.match(logic, place)
        if token is None:
            yield f"{logic[place:]} is no logic"
            return
        place, (name, code, value, compares, joins, bracket) = token.end(), token.groups()
        depth += {"(": 1, ")": -1}.get(bracket or "", 0)
        operands += 1 if name or value else -1 if compares or joins else 0
        if name:
            field = by_name.get(name, {"Field Type": "missing"})
            if (field["Field Type"] == "checkbox") != (code is not None) or field["Field Type"] == "missing":
                yield f"[{name}] of {logic} is no field"
            elif code and code not in choices(field):
                yield f"{code} is no choice of {name}"
    if depth or (logic and operands != 1):
        yield f"{logic} does not close"


async def written(store: Store, out: Path, *, separator: str = "comma") -> Lines:
    await write_export(store, out, separator=separator)
    return read(out / "codebook_redcap.csv")


@pytest.mark.parametrize("separator", ["comma", "semicolon"])
async def test_redcap_takes_the_dictionary(store: Store, tmp_path: Path, separator: str) -> None:
    await fill(store)
    lines = await written(store, tmp_path / "out", separator=separator)
    assert list(faults(lines)) == []
    by_name = {line["Variable / Field Name"]: line for line in lines}
    assert list(by_name)[:2] == ["person", "trabaja"]
    assert choices(by_name["tipos"]) == {"autoempleo": "Por mi cuenta", "otro": "Otro, o varios"}
    assert choices(by_name["trabaja"]) == {"si": "=Sí", "no": "No"}
    checks = {name: line["Text Validation Type OR Show Slider Number"] for name, line in by_name.items()}
    assert {name: checks[name] for name in ("hijos", "gasto", "cuando", "ingreso", "ingreso_monthly")} == {
        **{"hijos": "integer", "gasto": "number", "cuando": "date_ymd", "ingreso": "number"},
        "ingreso_monthly": "number",
    }


async def test_redcap_takes_every_shipped_instrument(store: Store, tmp_path: Path) -> None:
    paths = sorted(SHIPPED.glob("*.md"))
    async with store.database.transact() as tx:
        for path in paths:
            source = path.read_text(encoding="utf-8")
            row = {"name": path.stem, "version": parse_instrument(path.stem, source).version, "source": source}
            await tx.run(instruments.insert(), [{**row, "added_at": START}])
    lines = await written(store, tmp_path / "out")
    assert list(faults(lines)) == []
    assert len({line["Form Name"] for line in lines}) == len(paths) + 1
    branched = [line for line in lines if line["Branching Logic (Show field only if...)"]]
    assert len(branched) > 10


ODD = """
| settings |         |
|          | version |
|          | 2       |

| survey |                        |            |                     |                         |
|        | type                   | name       | label::Español (es) | relevant                |
|        | select_one lista       | person     | ¿Quién?             |                         |
|        | integer                | a__b_      | ¿Cuántas?           | selected(${person}, 'x') |
|        | integer                | a_b        | ¿Y cuántas?         | ${a__b_} > 2            |
|        | select_multiple lista  | tipos      | ¿Qué?               | (${a_b} = 1) or (${person} = 'y') |
|        | integer                | trabaja    | ¿Cuántos trabajos?  | selected(${tipos}, 'y') |
|        | text                   | fin        | ¿Y?                 | ${trabaja} > 1 and string-length(${person}) > 1 |

| choices |           |      |                     |
|         | list_name | name | label::Español (es) |
|         | lista     | x    | Uno \\| dos          |
|         | lista     | y    | Tres                |
"""


async def test_awkward_names_versions_and_forms_are_put_right(store: Store, tmp_path: Path) -> None:
    await fill(store)
    late = FORM.format(version="9", type="integer", label="¿Cuántos?").replace("= 'si'", "> 0")
    async with store.database.transact() as tx:
        for name, version, source in (("otro", "2", ODD), (NAME, "9", late)):
            store.clock.advance(hours=1)
            row = {"name": name, "version": version, "source": source, "added_at": store.clock()}
            await tx.run(instruments.insert(), [row])
        assert (await tx.run(select(answers.c.id).limit(1))).first() is not None
    lines = await written(store, tmp_path / "out")
    assert list(faults(lines)) == []
    logic = {line["Variable / Field Name"]: line["Branching Logic (Show field only if...)"] for line in lines}
    assert {name: logic[name] for name in ("person_2", "a_b", "a_b_2", "tipos_v2", "trabaja_v2", "tipos")} == {
        **{"person_2": "", "a_b": "[person_2] = 'x'", "a_b_2": "[a_b] > 2"},
        **{"tipos_v2": "([a_b_2] = 1) or ([person_2] = 'y')", "trabaja_v2": "[tipos_v2(y)] = '1'"},
        "tipos": "[trabaja_v9] > 0",
    }
    notes = {line["Variable / Field Name"]: line["Field Annotation"] for line in lines}
    assert notes["a_b"] == "name: a__b_"
    assert notes["fin"].startswith("relevant: ${trabaja} > 1")


def test_these_rules_find_what_is_wrong() -> None:
    line = dict.fromkeys(next(csv.reader([HEADER])), "")
    good = line | {"Variable / Field Name": "a", "Form Name": "f", "Field Type": "text", "Field Label": "A"}
    assert list(faults([good])) == []
    for name, cell in (
        ("Variable / Field Name", "a__b"),
        ("Form Name", "F"),
        ("Field Type", "radio button"),
        ("Field Label", ""),
        ("Text Validation Type OR Show Slider Number", "money"),
        ("Identifier?", "sí"),
        ("Branching Logic (Show field only if...)", "[b] = 1"),
        ("Branching Logic (Show field only if...)", "[a] = 1 and"),
        ("Branching Logic (Show field only if...)", "selected(a)"),
    ):
        assert list(faults([good | {name: cell}])) != [], (name, cell)
