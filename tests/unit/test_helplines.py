"""Whom she can call: the shipped lines, what a file of an organisation's own may say, and what she is shown of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from conversations.regions import REGIONS
from conversations.risk.helplines import (
    STALE_AFTER,
    Helpline,
    HelplinesInvalid,
    lines_for,
    read_helplines,
    shipped,
    stale,
)
from conversations.risk.kinds import Kind
from conversations.risk.replies import MOST_LINES, asking, asks_first, numbers
from conversations.speech import Phrase

TODAY = date(2026, 11, 23)
SHIPPED = read_helplines(shipped(), file="helplines.toml", today=TODAY)
OWN = """
[[line]]
number = "911"
name = "Emergencias"
hours = "24 h"
kinds = ["danger"]
verified_on = 2026-11-01
source = "Called by Ana"

[[line]]
number = "800-123-4567"
name = "Casa de Apoyo"
hours = "de 9 a 18 h"
kinds = ["violence", "self_harm"]
regions = ["MEX", "CMX"]
verified_on = 2026-11-02
source = "Called by Ana"
"""


def shown(*kinds: Kind, region: str | None = None, on: date = TODAY, of: tuple[Helpline, ...] = SHIPPED) -> list[str]:
    return [line.number for line in lines_for(of, kinds, region=region, on=on)]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("region", [*REGIONS, None, "", "elsewhere"])
def test_there_is_somebody_to_call_everywhere(kind: Kind, region: str | None) -> None:
    assert shown(kind, region=region)
    assert ("*765" in shown(kind, region=region)) == (region == "CMX" and kind is Kind.VIOLENCE)


def test_those_of_her_region_come_first() -> None:
    assert shown(Kind.VIOLENCE, region="MEX")[0] == "800-108-4053"
    assert shown(Kind.VIOLENCE, region="CMX")[0] == "*765"
    assert shown(Kind.VIOLENCE)[0] == "911"
    assert shown(Kind.SELF_HARM, region="MEX")[0] == "800-911-2000"


def test_where_her_state_is_a_guess_no_number_of_its_phones_is_shown() -> None:
    known, guessed = (
        [line.number for line in lines_for(SHIPPED, [Kind.VIOLENCE], region=region, on=TODAY, guessed=guess)]
        for region, guess in (("CMX", False), ("CMX", True))
    )
    assert known == ["*765", *guessed]


def test_the_nearest_danger_comes_first_and_each_number_once() -> None:
    every = shown(Kind.SELF_HARM, Kind.VIOLENCE, Kind.DANGER, region="MEX")
    assert every[:3] == ["911", "079", "800-108-4053"]
    assert len(every) == len(set(every))


@pytest.mark.holds("S-23")
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("region", [*REGIONS, None])
def test_what_nobody_verified_is_never_shown(kind: Kind, region: str | None) -> None:
    doubtful = {line.number for line in SHIPPED if line.verified_on is None}
    assert doubtful == {"55-5259-8121", "800-822-4460", "55-5658-1111"}
    assert doubtful.isdisjoint(shown(kind, region=region))


def test_a_line_is_not_shown_before_it_was_verified() -> None:
    own = read_helplines(OWN, file="own.toml", today=TODAY)
    assert shown(Kind.DANGER, on=date(2026, 10, 31), of=own) == []
    assert shown(Kind.DANGER, on=date(2026, 11, 1), of=own) == ["911"]


def test_after_ninety_days_somebody_should_call_again() -> None:
    own = read_helplines(OWN, file="own.toml", today=TODAY)
    assert stale(own, on=date(2026, 11, 1) + STALE_AFTER) == ()
    assert [line.number for line in stale(own, on=date(2026, 11, 2) + STALE_AFTER)] == ["911"]
    assert stale(own, on=date(2026, 11, 3) + STALE_AFTER) == own
    assert len(stale(SHIPPED, on=TODAY)) == sum(line.verified_on is not None for line in SHIPPED)
    assert timedelta(days=90) == STALE_AFTER


@pytest.mark.parametrize(
    ("whole", "broken", "told"),
    [
        ('"MEX", "CMX"', '"MEX", "Edomex"', "own.toml, line 15: regions: 'Edomex' is none of"),
        ("2026-11-02", "2026-11-24", "own.toml, line 16: verified_on: has not come yet"),
        ("2026-11-02", '"2026-11-02"', "own.toml, line 16: verified_on: must be a day"),
        ("2026-11-02", "2026-11-02T10:00:00", "own.toml, line 16: verified_on: must be a day"),
        ('"800-123-4567"', '"800 123 4567"', "own.toml, line 11: number: write it as 911"),
        ('"800-123-4567"', '"+528001234567"', "own.toml, line 11: number: write it as 911"),
        ('number = "911"', 'number = "*911"', "own.toml, line 3: number: with a * it answers phones of some states"),
        ('"800-123-4567"', "8001234567", "own.toml, line 11: number: must stand between quotation marks"),
        ('kinds = ["danger"]', 'kinds = ["fear"]', "own.toml, line 6: kinds: 'fear' is none of"),
        ('kinds = ["danger"]', "kinds = []", "own.toml, line 6: kinds: name at least one"),
        ('kinds = ["danger"]', 'kinds = "danger"', "own.toml, line 6: kinds: must be a list"),
        ('name = "Casa de Apoyo"\n', "", "own.toml, line 10: name: is missing"),
        ("name = ", "nombre = ", "own.toml, line 4: nombre: is not known here"),
        ('"Casa de Apoyo"', '"' + "a" * 51 + '"', "own.toml, line 12: name: must fit on one line"),
        ('"de 9 a 18 h"', '""', "own.toml, line 16: verified_on: name, hours and source must be known"),
        ("[[line]]\nnumber = \"911\"", "title = 'x'\n[[line]]\nnumber = \"911\"", "'title' is not known here"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(whole: str, broken: str, told: str) -> None:
    assert whole in OWN
    with pytest.raises(HelplinesInvalid) as refused:
        read_helplines(OWN.replace(whole, broken), file="own.toml", today=TODAY)
    assert any(told in problem for problem in refused.value.problems), refused.value.problems


def test_all_that_is_wrong_is_told_at_once() -> None:
    broken = OWN.replace("2026-11-01", "2027-11-01").replace('"CMX"', '"X"').replace('"danger"', '"fear"')
    with pytest.raises(HelplinesInvalid) as refused:
        read_helplines(broken, file="own.toml", today=TODAY)
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize("source", ["", "line = 3", "[[line", "[line]\nnumber = '911'", "line = [1]"])
def test_a_file_without_lines_is_refused(source: str) -> None:
    with pytest.raises(HelplinesInvalid, match=r"own\.toml: "):
        read_helplines(source, file="own.toml", today=TODAY)


# --- what is said with them


@pytest.mark.parametrize(
    ("kinds", "first"),
    [
        ({Kind.SELF_HARM}, False),
        ({Kind.VIOLENCE}, True),
        ({Kind.DANGER}, True),
        ({Kind.SELF_HARM, Kind.VIOLENCE}, True),
    ],
)
def test_where_somebody_hurts_her_she_is_asked_before_any_number(kinds: set[Kind], first: bool) -> None:
    assert asks_first(kinds) is first
    assert not any(line.key == "crisis.line" for line in asking().lines)


def test_few_numbers_are_shown_and_who_is_told() -> None:
    lines = lines_for(SHIPPED, list(Kind), region="MEX", on=TODAY)
    monday = Phrase("office.monday", {"hour": "9:00"})
    said = numbers(lines, team_told=True, read=monday).lines
    assert len(lines) > MOST_LINES == sum(line.key == "crisis.line" for line in said)
    assert [line.key for line in said[MOST_LINES:]] == ["crisis.automatic", "crisis.team_told", "office.monday"]
    assert said[0].values == {"number": "911", "name": "Emergencias", "hours": "24 h"}


@pytest.mark.parametrize(
    ("team_told", "last"),
    [(True, ["crisis.team_told", "crisis.reads_now"]), (False, ["crisis.nobody_told"])],
)
def test_it_is_said_plainly_whether_anybody_was_told(team_told: bool, last: list[str]) -> None:
    said = [line.key for line in numbers((), team_told=team_told, read=None).lines]
    assert said == ["crisis.automatic", *last]
