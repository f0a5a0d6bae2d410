"""`hilo instruments`: a form is checked, installed, listed and compared; what is wrong is told all at once."""

from pathlib import Path

import pytest

from bot.library import SHIPPED, shipped_sources
from scheduler.plan import SHIPPED_PLAN
from tests.integration.test_several_instruments import HOUSE, PLAN, SCHOOL
from tests.support.operator import Operator
from tests.unit.test_workbook import SMALL, saved

SEGUIMIENTO = (SHIPPED / "seguimiento.md").read_text(encoding="utf-8")
VERSIONS = {name: version for name, version, _ in shipped_sources()}
NEXT = str(int(VERSIONS["seguimiento"]) + 1)


@pytest.fixture
def settled(tmp_path: Path) -> Operator:
    """An operator whose installation stands."""
    operator = Operator(tmp_path / "home", {})
    operator.begins()
    return operator


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The next version of `seguimiento`, with another wording and a choice that has another name."""
    text = SEGUIMIENTO.replace(f"| seguimiento | {VERSIONS['seguimiento']} ", f"| seguimiento | {NEXT} ")
    assert text != SEGUIMIENTO
    path = tmp_path / "nueva.md"
    path.write_text(text.replace("¿Necesitas", "¿Te falta").replace("| busque ", "| buscando "), encoding="utf-8")
    return path


# --- check


def test_a_sound_form_is_summed_up(tmp_path: Path) -> None:
    (tmp_path / "una.xlsx").write_bytes(saved(SMALL))
    said = Operator(tmp_path, {}).done("instruments", "check", tmp_path / "una.xlsx").splitlines()
    assert said[0] == "una 1: 1 question, es"
    assert said[1:] == [
        "mind: no recording (media::audio) for 1 question: unica",
        "mind: no English for 1 text, said in Spanish: unica",
    ]


def test_names_and_a_version_that_were_given_are_noted(tmp_path: Path) -> None:
    survey: list[list[object]] = [SMALL["survey"][0], ["text", "_Qu_pas_", "¿Qué pasó?"]]
    settings: list[list[object]] = [["form_id"], ["una"]]
    (tmp_path / "una.xlsx").write_bytes(saved({**SMALL, "survey": survey, "settings": settings}))
    first, *said = Operator(tmp_path, {}).done("instruments", "check", tmp_path / "una.xlsx").splitlines()
    version = first.removeprefix("una ").split(":")[0]
    assert [line for line in said if line.startswith("note")] == [
        "note: question _Qu_pas_ → qu_pas",
        f"note: no 'version' among the settings → {version}, which changes with the content",
    ]


def test_long_sentences_are_minded(tmp_path: Path) -> None:
    label = "¿" + "y luego ".join(["qué pasó "] * 8) + "?"
    (tmp_path / "una.xlsx").write_bytes(saved({**SMALL, "survey": [SMALL["survey"][0], ["text", "unica", label]]}))
    assert "mind: unica (es): has a sentence of" in Operator(tmp_path, {}).done(
        "instruments", "check", tmp_path / "una.xlsx"
    )


def test_all_problems_are_told_with_sheet_and_row(tmp_path: Path) -> None:
    survey: list[list[object]] = [
        *SMALL["survey"],
        ["telepathy", "otra", "¿Y?"],
        ["text", "tercera", None],
        ["text", "¿?", "¿Y?"],
    ]
    settings: list[list[object]] = [["form_id", "version", "color"], ["una", "1", "azul"]]
    (tmp_path / "una.xlsx").write_bytes(saved({**SMALL, "survey": survey, "settings": settings}))
    told = Operator(tmp_path, {}).refused("instruments", "check", tmp_path / "una.xlsx").splitlines()
    for place in ("survey, row 3: ", "survey, row 4: ", "survey, row 5: ", "settings"):
        assert any(line.startswith(place) for line in told), (place, told)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "una.pdf").write_bytes(b"%PDF")
    operator = Operator(tmp_path, {})
    assert ".xlsx" in operator.refused("instruments", "check", tmp_path / "una.pdf")
    assert "no such file" in operator.refused("instruments", "check", tmp_path / "none.xlsx")


# --- install and list


def test_what_is_shipped_is_listed(settled: Operator) -> None:
    listed = settled.read("instruments", "list")
    assert {one["name"]: one["version"] for one in listed} == VERSIONS
    assert all(one["in_use"] and one["questions"] and one["installed_by"] is None for one in listed)


def test_an_installed_version_is_in_use(settled: Operator, newer: Path) -> None:
    assert f"installed: seguimiento {NEXT}" in settled.done("instruments", "install", newer)
    listed = [one for one in settled.read("instruments", "list") if one["name"] == "seguimiento"]
    assert [(one["version"], one["in_use"], one["installed_by"]) for one in listed] == [
        (VERSIONS["seguimiento"], False, None),
        (NEXT, True, "command"),
    ]
    said = settled.done("instruments", "list")
    assert f"seguimiento\t{NEXT}\tin use\t" in said
    assert f"seguimiento\t{VERSIONS['seguimiento']}\t\t" in said
    assert settled.done("instruments", "install", newer) == f"seguimiento {NEXT} is in use already\n"


def test_a_version_is_never_replaced(settled: Operator, newer: Path) -> None:
    settled.done("instruments", "install", newer)
    newer.write_text(newer.read_text(encoding="utf-8").replace("¿Te falta", "¿Ocupas"), encoding="utf-8")
    assert "raise the version" in settled.refused("instruments", "install", newer)


def test_a_shipped_version_is_never_replaced(settled: Operator, tmp_path: Path) -> None:
    (tmp_path / "mia.md").write_text(SEGUIMIENTO.replace("¿Necesitas", "¿Ocupas"), encoding="utf-8")
    assert "raise the version" in settled.refused("instruments", "install", tmp_path / "mia.md")


def test_an_older_version_comes_back(settled: Operator, newer: Path) -> None:
    settled.done("instruments", "install", newer)
    settled.done("instruments", "install", SHIPPED / "seguimiento.md")
    used = {one["name"]: one["version"] for one in settled.read("instruments", "list") if one["in_use"]}
    assert used == VERSIONS


@pytest.mark.parametrize("applied", [True, False])
def test_a_version_that_its_partner_in_a_plan_cannot_be_asked_with_is_refused(
    settled: Operator, tmp_path: Path, applied: bool
) -> None:
    texts = {"casa": HOUSE, "escuela": SCHOOL, "nueva": HOUSE.replace("| casa | 2 |", "| casa | 3 |")}
    texts["otra"] = texts["nueva"].replace("¿Cuántos hijos", "¿Hijos")
    files = {name: tmp_path / f"{name}.md" for name in texts}
    for name, file in files.items():
        file.write_text(texts[name], encoding="utf-8")
    (tmp_path / "doble.toml").write_text(PLAN, encoding="utf-8")
    settled.done("instruments", "install", files["casa"])
    settled.done("instruments", "install", files["escuela"])
    settled.done("plan", *(("apply", "--yes") if applied else ("check",)), tmp_path / "doble.toml")
    if applied:
        told = settled.refused("instruments", "install", files["otra"])
        assert "casa and escuela ask hijos in different ways, and the plan doble asks them together (point d7)" in told
        in_use = {one["name"]: one["version"] for one in settled.read("instruments", "list") if one["in_use"]}
        assert in_use["casa"] == "2"
        settled.done("instruments", "install", files["nueva"])
    else:
        settled.done("instruments", "install", files["otra"])


def test_a_form_that_no_point_asks_is_minded(settled: Operator, tmp_path: Path) -> None:
    (tmp_path / "una.xlsx").write_bytes(saved(SMALL))
    assert "mind: no point of the plan asks una" in settled.done("instruments", "install", tmp_path / "una.xlsx")


def test_a_plan_may_ask_what_was_installed(settled: Operator, tmp_path: Path) -> None:
    (tmp_path / "una.xlsx").write_bytes(saved(SMALL))
    plan = tmp_path / "plan.toml"
    plan.write_text(SHIPPED_PLAN.read_text(encoding="utf-8").replace('"llegada"', '"una"'), encoding="utf-8")
    assert "una" in settled.refused("plan", "check", plan)
    settled.done("instruments", "install", tmp_path / "una.xlsx")
    assert "una" in settled.done("plan", "check", plan)


# --- diff


def test_differences_say_what_breaks_comparison(settled: Operator, newer: Path) -> None:
    of = ("instruments", "diff", "seguimiento", VERSIONS["seguimiento"])
    told = settled.types(*of, newer)
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert any(line.startswith("        necesita: label::es «¿Necesitas") for line in lines)
    assert any(line.startswith("BREAKS  trabajo_semana/buscando: renamed from «busque»") for line in lines)
    assert "2 differences; 1 of them break" in told.stderr
    settled.done("instruments", "install", newer)
    assert settled.done(*of, NEXT) == told.stdout


def test_a_renamed_copy_without_form_id_is_what_it_is_compared_with(settled: Operator, newer: Path) -> None:
    of = ("instruments", "diff", "seguimiento", VERSIONS["seguimiento"])
    text = newer.read_text(encoding="utf-8")
    copy = newer.with_name("seguimiento (copia).md")
    copy.write_text(text.replace("| seguimiento |", "|             |", 1), encoding="utf-8")
    told = settled.types(*of, copy)
    assert (told.exit_code, told.stdout) == (0, settled.done(*of, newer))
    assert "seguimiento (copia).md has no form_id: compared as seguimiento" in told.stderr
    assert "no form_id" not in settled.types(*of, newer).stderr


def test_the_same_version_has_no_differences(settled: Operator) -> None:
    version = VERSIONS["llegada"]
    assert settled.done("instruments", "diff", "llegada", version, version) == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ninguna", "1", "2"), "no instrument is named ninguna"),
        (("llegada", "77", "1"), "llegada has no version 77"),
        (("llegada", VERSIONS["llegada"], str(SHIPPED / "seguimiento.md")), "holds seguimiento, not llegada"),
    ],
)
def test_what_cannot_be_compared_is_refused(settled: Operator, words: tuple[str, ...], told: str) -> None:
    assert told in settled.refused("instruments", "diff", *words)
