"""`hilo plan` and `hilo participants set|pause|…`: what is shown before, what is written, and what stays known."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import clock
from scheduler.enrolment import DEFAULT_ZONE
from scheduler.plan import SHIPPED_PLAN
from tests.support.operator import Operator

SHIPPED = SHIPPED_PLAN.read_text(encoding="utf-8")
TODAY = clock.now().astimezone(ZoneInfo(DEFAULT_ZONE)).date()
HEADER = "record_id,name,release_date,centre,cohort,slot,days,plan,date_course_end"

MONTHLY = """
name = "mensual"
{who}
[[points]]
name = "mes"
offset = {{ months = 1 }}
every = {{ months = 1 }}
times = 3
window = {{ after = 14 }}
instruments = ["seguimiento"]
"""


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Somebody whose installation stands."""
    found = Operator(tmp_path / "home", {})
    found.begins()
    return found


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file."""

    def written(content: str, name: str = "plan.toml") -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return written


Write = Callable[..., Path]


def registered(operator: Operator, write: Write, *rows: str) -> None:
    lines = rows or (f"LC-001,Rosa Prueba,{TODAY},BAR,2026-1,,,,", f"LC-002,Luz Ejemplo,{TODAY},ECA,2026-1,,,,")
    operator.done("participants", "import", write("\n".join([HEADER, *lines, ""]), "roster.csv"))


def ask(operator: Operator, statement: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(operator.home / "hilo.sqlite3") as connection:
        found = connection.execute(statement).fetchall()
    connection.close()
    return found


def stands(operator: Operator, record_id: str) -> dict[str, tuple[str | None, str, str | None]]:
    """Her check-ins by point: day, state or fate, reason."""
    shown = operator.read("participants", "show", record_id)
    return {one["point"]: (one["due_on"], one["fate"] or one["state"], one["reason"]) for one in shown["checkins"]}


# --- plans


def test_the_plan_of_the_settings_is_applied_by_itself_once(operator: Operator, write: Write) -> None:
    assert ask(operator, "SELECT name FROM plans") == [("seguimiento",)]
    edited = write(SHIPPED.replace("offset = { days = 7 }", "offset = { days = 9 }"))
    registered(operator, write)
    assert stands(operator, "LC-001")["s1"][0] == str(TODAY + timedelta(days=7))
    assert (
        "MIND   the file of the plan seguimiento is not what is applied"
        in operator.types("doctor", plan_file=str(edited)).stdout
    )


def test_a_preview_shows_what_apply_then_writes(operator: Operator, write: Write) -> None:
    registered(operator, write)
    edited = SHIPPED.replace("offset = { days = 7 }", "offset = { days = 9 }").replace('name = "m24"', 'name = "m18"')
    plan = write(edited.replace("months = 24", "months = 18"))
    before = stands(operator, "LC-001")
    told = operator.read("plan", "preview", plan, "--limit", "3")
    counts = {(one["point"], one["change"], one["reason"]): one["rows"] for one in told["counts"]}
    assert counts == {("s1", "move", None): 2, ("m18", "appear", None): 2, ("m24", "not_due", "not_in_plan"): 2}
    assert (told["plan"], told["participants"], len(told["first"])) == ("seguimiento", 2, 3)
    first = next(one for one in told["first"] if one["change"] == "move")
    assert (first["from"]["due_on"], first["to"]["due_on"]) == (
        str(TODAY + timedelta(days=7)),
        str(TODAY + timedelta(days=9)),
    )
    assert stands(operator, "LC-001") == before, "nothing is stored"
    said = operator.done("plan", "apply", plan, "--yes")
    assert f"version {told['version']}, is applied: 6 check-ins of 2 participants change" in said
    after = stands(operator, "LC-001")
    assert after["s1"] == (str(TODAY + timedelta(days=9)), "expected", None)
    assert after["m24"][1:] == ("not_due", "not_in_plan")
    assert ask(operator, "SELECT cause, state, count(*) FROM revisions GROUP BY 1, 2") == [
        ("plan_applied", "expected", 4)
    ]
    assert "no check-in changes" in operator.done("plan", "apply", plan, "--yes"), "and doing it again does nothing"
    assert len(ask(operator, "SELECT 1 FROM audit WHERE action = 'plan_applied'")) == 2
    operator.done("plan", "apply", write(SHIPPED), "--yes")
    assert stands(operator, "LC-001") == before | {"m18": (after["m18"][0], "not_due", "not_in_plan")}


def test_nothing_is_applied_unseen(operator: Operator, write: Write) -> None:
    registered(operator, write)
    plan = write(SHIPPED.replace("offset = { days = 7 }", "offset = { days = 9 }"))
    said = operator.done("plan", "apply", plan)
    assert said.index("s1\tmove\t2") < said.index("is applied")


def test_a_plan_counted_from_a_date_that_no_woman_has_says_so(operator: Operator, write: Write) -> None:
    plan = write(MONTHLY.format(who='anchor = "course_end"\nwho = { centre = ["BAR"] }'))
    told = "no woman has the date course_end that it counts from"
    assert told not in operator.done("plan", "check", plan), "there are no women yet"
    registered(operator, write)
    for verb in ("check", "preview"):
        assert told in operator.done("plan", verb, plan)
    assert told in operator.done("plan", "apply", plan, "--yes")
    assert stands(operator, "LC-001")["mes_1"][1] == "waiting_for_date"
    assert [case["kind"] for case in operator.read("cases", "list")] == ["fecha_de_course_end"]
    operator.done("participants", "set", "LC-001", "--date", f"course_end={TODAY}")
    assert operator.read("cases", "list") == []
    for verb in ("check", "preview"):
        assert told not in operator.done("plan", verb, plan)


def test_a_day_that_no_plan_can_mean_is_refused_and_leaves_the_store_working(operator: Operator, write: Write) -> None:
    registered(operator, write)
    far = MONTHLY.format(who='who = { cohort = ["2026-1"] }').replace("offset = { months = 1 }", "on = 9999-12-31")
    far = far.replace("every = { months = 1 }\ntimes = 3\nwindow = { after = 14 }", "window = { after = 20 }")
    for verb in ("check", "apply"):
        assert "the year must lie between 2000 and 2100" in operator.refused("plan", verb, write(far))
    assert ask(operator, "SELECT name FROM plans") == [("seguimiento",)]
    operator.done("participants", "set", "LC-001", "--slot", "tarde")


def test_what_a_plan_gives_up_is_told_in_its_former_order(operator: Operator, write: Write) -> None:
    registered(operator, write)
    told = operator.read("plan", "preview", write(MONTHLY.format(who="").replace("mensual", "seguimiento")))
    assert [one["point"] for one in told["counts"]] == ["mes_1", "mes_2", "mes_3", "s1", "m1", "m3", "m6", "m12", "m24"]
    assert [one["point"] for one in told["first"]][:9] == [one["point"] for one in told["counts"]]


def test_a_plan_for_a_group_takes_its_women_and_leaves_the_others(operator: Operator, write: Write) -> None:
    registered(operator, write)
    plan = write(MONTHLY.format(who='who = { centre = ["Barrientos"] }'))
    operator.done("plan", "apply", plan, "--yes")
    hers = stands(operator, "LC-001")
    assert [point for point in hers if point.startswith("mes")] == ["mes_1", "mes_2", "mes_3"]
    assert hers["m24"][1:] == ("not_due", "not_in_plan")
    assert operator.read("participants", "show", "LC-001")["plan"] == "mensual"
    assert "mes_1" not in stands(operator, "LC-002")
    registered(operator, write, f"LC-003,Ana Prueba,{TODAY},BAR,,,,,", f"LC-004,Eva Prueba,{TODAY},BAR,,,,seguimiento,")
    assert list(stands(operator, "LC-003")) == ["mes_1", "mes_2", "mes_3"]
    assert list(stands(operator, "LC-004")) == ["s1", "m1", "m3", "m6", "m12", "m24"]
    operator.done("plan", "apply", write(MONTHLY.format(who='who = { centre = ["TEX"] }')), "--yes")
    back = stands(operator, "LC-001")
    assert (back["m24"][1], back["mes_1"][1:]) == ("expected", ("not_due", "not_in_plan"))


def test_two_plans_that_can_claim_the_same_woman_are_refused_by_name(operator: Operator, write: Write) -> None:
    operator.done("plan", "apply", write(MONTHLY.format(who='who = { centre = ["BAR", "ECA"] }')), "--yes")
    rival = MONTHLY.replace("mensual", "otro").format(who='who = { cohort = ["2026-1"] }')
    for verb in ("preview", "apply"):
        assert "the plans mensual and otro can both claim the same woman" in operator.refused(
            "plan", verb, write(rival)
        )
    assert [name for (name,) in ask(operator, "SELECT name FROM plans ORDER BY 1")] == ["mensual", "seguimiento"]


def test_a_plan_that_nobody_follows_says_so_and_how_it_comes_to_be_followed(operator: Operator, write: Write) -> None:
    registered(operator, write)
    plan = write(MONTHLY.format(who=""))
    said = operator.done("plan", "preview", plan)
    assert "no check-in changes; nobody follows it" in said
    assert "hilo participants set RECORD_ID --plan mensual" in said
    assert operator.read("plan", "preview", plan)["followers"] == 0
    assert "is applied: no check-in changes; nobody follows it" in operator.done("plan", "apply", plan, "--yes")
    operator.done("participants", "set", "LC-001", "--plan", "mensual")
    told = operator.read("plan", "preview", plan)
    assert (told["followers"], told["participants"]) == (1, 0), "she follows it, and it changes nothing"
    assert "nobody" not in operator.done("plan", "preview", plan)


def test_a_check_says_what_a_plan_holds_and_what_could_be_better(operator: Operator, write: Write) -> None:
    said = operator.done("plan", "check", write(MONTHLY.format(who="")))
    assert "mes\t1 months, then every 1 months, 3 in all\topen 0 days before to 14 after\tseguimiento" in said
    assert "mind: point mes: nobody is asked to call" in said
    assert operator.done("plan", "check", SHIPPED_PLAN).count("mind:") == 0


def test_instruments_that_ask_one_name_in_two_ways_are_not_joined(operator: Operator, write: Write) -> None:
    form = "| survey | | | |\n| | type | name | label |\n| | integer | hijos | {} |\n"
    settings = "| settings | | | |\n| | form_title | form_id | version |\n| | X | {} | 1 |\n"
    for name, label in (("una", "¿Qué tal?"), ("otra", "¿Cómo estás?")):
        operator.done("instruments", "install", write(form.format(label) + settings.format(name), f"{name}.md"))
    joined = MONTHLY.format(who="").replace('["seguimiento"]', '["una", "otra"]')
    assert "una and otra ask hijos in different ways" in operator.refused("plan", "check", write(joined))


# --- one woman


def test_a_corrected_date_is_shown_then_written_and_what_was_stays_known(operator: Operator, write: Write) -> None:
    registered(operator, write)
    later = TODAY + timedelta(days=10)
    shown = operator.done("participants", "set", "LC-001", "--release", str(later), "--preview")
    assert f"s1\tmove\t{TODAY + timedelta(days=7)} opens" in shown
    assert f"→ {later + timedelta(days=7)} opens" in shown
    assert stands(operator, "LC-001")["s1"][0] == str(TODAY + timedelta(days=7)), "nothing is stored"
    operator.done("participants", "set", "LC-001", "--release", str(later))
    assert stands(operator, "LC-001")["s1"] == (str(later + timedelta(days=7)), "expected", None)
    assert operator.read("participants", "show", "LC-001")["release_date"] == str(later)
    assert ask(operator, "SELECT cause, count(*) FROM revisions GROUP BY 1") == [("corrected", 6)]
    assert ask(operator, "SELECT detail FROM audit WHERE action = 'participant_set'") == [("release_on",)]
    assert "the database is sound" in operator.done("db", "check")


def test_a_file_with_another_date_names_the_command_that_corrects_it(operator: Operator, write: Write) -> None:
    registered(operator, write, f"LC-001,Rosa Prueba,{TODAY},,,,,,", "LC-002,Luz Ejemplo,,,,,,,")
    other = f"{HEADER}\nLC-001,Rosa Prueba,{TODAY - timedelta(days=3)},,,,,,\n"
    said = operator.refused("participants", "import", write(other, "again.csv"))
    assert "line 2, release_date: is already registered with another date" in said
    assert "participants set has --release" in said
    registered(operator, write, f"LC-002,Luz Ejemplo,{TODAY},,,,,,2026-05-01")
    assert stands(operator, "LC-002")["s1"][1] == "expected"
    assert ask(operator, "SELECT name, falls_on FROM dates") == [("course_end", "2026-05-01")]
    assert ask(operator, "SELECT cause, count(*) FROM revisions GROUP BY 1") == [("date_known", 6)]


def test_a_death_ends_everything_and_can_be_taken_back(operator: Operator, write: Write) -> None:
    registered(operator, write)
    operator.done("participants", "set", "LC-001", "--died", str(TODAY))
    assert {told[1:] for told in stands(operator, "LC-001").values()} == {("not_due", "died")}
    assert "she has died" in operator.refused("participants", "set", "LC-001", "--slot", "tarde")
    operator.done("participants", "set", "LC-001", "--died", str(TODAY))  # the day may be corrected, and nothing else
    operator.done("participants", "set", "LC-001", "--died", "no")
    assert {told[1:] for told in stands(operator, "LC-001").values()} == {("expected", None)}


def test_who_dies_before_her_planned_release_is_written_down(operator: Operator, write: Write) -> None:
    registered(operator, write, f"LC-001,Rosa Prueba,{TODAY + timedelta(days=40)},,,,,,")
    operator.done("participants", "set", "LC-001", "--died", str(TODAY))
    assert {told[1:] for told in stands(operator, "LC-001").values()} == {("not_due", "died")}


def test_hours_days_and_place_move_what_is_to_come(operator: Operator, write: Write) -> None:
    registered(operator, write, f'LC-001,Rosa Prueba,{TODAY},,,tarde,"lu,mi,vi",,')
    assert ask(operator, "SELECT slot, days FROM preferences") == [("tarde", "024")]
    operator.done(
        *("participants", "set", "LC-001", "--state", "BC", "--slot", "noche", "--days", "entre semana"),
        *("--reminders", "no", "--cohort", "2026-2", "--centre", "Barrientos"),
    )
    assert ask(operator, "SELECT zone, slot, days, reminders FROM preferences") == [
        ("America/Tijuana", "noche", "01234", 0)
    ]
    assert ask(operator, "SELECT centre, cohort FROM participants") == [("BAR", "2026-2")]
    shown = operator.read("participants", "show", "LC-001")
    assert shown["next_checkin"]["point"] == "s1"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "nothing is told of her"),
        (("--release", "31/31/2026"), "--release: "),
        (("--date", "2026-01-01"), "--date: write NAME=DATE"),
        (("--date", "release=2026-01-01"), "--date: write NAME=DATE"),
        (("--plan", "otro"), "there is no such plan; applied are seguimiento"),
        (("--state", "Texas"), "--state: is not a state of Mexico"),
        (("--municipality", "Juárez"), "--municipality: is of no use without its --state"),
        (("--zone", "Mexico"), "--zone: is not an IANA zone"),
        (("--days", "martes 13"), "--days: write days such as"),
        (("--slot", "siesta"), "--slot: write manana"),
        (("--slot", "manana", "--days", "do"), "never come: choose other days or another part of the day"),
        (("--died", "2999-01-01"), "--died: this day has not come yet"),
        (("--died", str(TODAY - timedelta(days=1))), "--died: lies before her release"),
        (("--zone", "America/Tijuana", "--state", "BC"), "--zone and --state: name one of them"),
    ],
)
def test_what_can_not_be_is_refused(operator: Operator, write: Write, options: tuple[str, ...], told: str) -> None:
    registered(operator, write)
    assert told in operator.refused("participants", "set", "LC-001", *options)


def test_rests_and_her_wish_to_be_left_alone_are_shown(operator: Operator, write: Write) -> None:
    registered(operator, write)
    until = TODAY + timedelta(days=30)
    operator.done("participants", "pause", "LC-001", "--kind", "hospital", "--until", str(until))
    assert "no such check-ins; hers are m1" in operator.refused(
        *("participants", "pause", "LC-001", "--kind", "viaje", "--series", "x")
    )
    operator.done("participants", "stop", "LC-001", "--how", "llamada")
    shown = operator.read("participants", "show", "LC-001")
    assert (shown["stopped"], [one["kind"] for one in shown["pauses"]]) == (True, ["hospital"])
    assert f"pause\thospital\teverything\tuntil {until}" in operator.done("participants", "show", "LC-001")
    operator.done("participants", "reopen", "LC-001", "--how", "en_persona")
    operator.done("participants", "resume", "LC-001")
    shown = operator.read("participants", "show", "LC-001")
    assert (shown["stopped"], shown["pauses"]) == (False, [])
    assert "nothing to lift" in operator.refused("participants", "reopen", "LC-001", "--how", "llamada")
    assert "no such pause" in operator.refused("participants", "resume", "LC-001")


@pytest.mark.parametrize("options", [("--series", "m1"), ("--until", str(TODAY + timedelta(days=9)))])
def test_a_reentry_rests_everything_and_without_end(operator: Operator, write: Write, options: tuple[str, ...]) -> None:
    registered(operator, write)
    said = operator.refused("participants", "pause", "LC-001", "--kind", "reingreso", *options)
    assert "leave out --series and --until" in said
    assert operator.read("participants", "show", "LC-001")["pauses"] == []


def test_a_return_begins_with_a_new_date(operator: Operator, write: Write) -> None:
    registered(operator, write)
    operator.done("participants", "pause", "LC-001", "--kind", "reingreso")
    assert operator.read("participants", "show", "LC-001")["pauses"][0]["until_on"] is None
    operator.done("participants", "set", "LC-001", "--release", str(TODAY + timedelta(days=90)))
    assert operator.read("participants", "show", "LC-001")["pauses"] == []
    assert stands(operator, "LC-001")["s1"][0] == str(TODAY + timedelta(days=97))
    assert ask(operator, "SELECT DISTINCT cause FROM revisions") == [("returned",)]


def test_a_file_whose_hours_never_come_or_whose_days_are_unclear_is_told(operator: Operator, write: Write) -> None:
    rows = [f"LC-001,Rosa Prueba,{TODAY},,,manana,do,,", f"LC-002,Luz Ejemplo,{TODAY},,,siesta,m,,ayer"]
    said = operator.refused("participants", "import", write("\n".join([HEADER, *rows, ""]), "roster.csv"))
    assert "line 2, days: these days never come in her part of the day" in said
    assert "line 3, slot: write manana, tarde, noche or cualquiera" in said
    assert "line 3, days: write days such as" in said
    assert "line 3, date_course_end: " in said
