"""The ledger at the command line, now and as of past days; what is to come; each in words and for programs."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.clock import DemoClock
from storage import ledger, people
from storage.database import Tx
from storage.fates import CheckinState, Fate, Reason
from storage.ledger import NewCheckin
from storage.people import NewParticipant
from storage.schema import checkins, revisions
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.world import START, Store

DAY = timedelta(days=1)
PRESENT = START + 60 * DAY
NAMES = ("expected", "invited", "started", "completed", "unreachable", "not_due", "open", "overdue")


@pytest.fixture
def operator(store: Store) -> Operator:
    """Somebody at the command line, sixty days after START."""
    clock = store.home / "clock"
    clock.touch()
    DemoClock(clock).move_to(PRESENT)
    return Operator(store.home, {"HILO_BOT_API_URL": NOBODY_LISTENS, "HILO_DEMO_CLOCK": str(clock)})


def row(her: int, point: str, due_on: date | None) -> NewCheckin:
    """One check-in that opens on its day at the hour of START, for three weeks; without a day it waits for one."""
    opens_at = due_on and datetime.combine(due_on, START.timetz())
    return NewCheckin(
        participant=her,
        plan="seguimiento",
        point=point,
        series=point,
        instrument="seguimiento",
        state=CheckinState.EXPECTED if due_on else CheckinState.WAITING_FOR_DATE,
        next_at=opens_at or PRESENT,
        due_on=due_on,
        opens_at=opens_at,
        closes_at=opens_at and opens_at + 21 * DAY,
    )


async def happened(tx: Tx, her: int, point: str, **values: Any) -> None:
    hers = (checkins.c.participant_id == her) & (checkins.c.point == point)
    closed = {"state": CheckinState.CLOSED, "owner": None, "next_at": None} if "fate" in values else {}
    await tx.run(update(checkins).where(hers).values(**closed, **values))


@pytest.fixture
async def kept(store: Store) -> Store:
    """Two women. LC-001 answered s1 on 7 March; her m1 was moved on 20 March from 2 to 9 April, and closed unanswered.
    LC-002, of another centre, is invited to s1 and silent beyond its window; what she was to be asked later is not due.
    """
    async with store.database.transact() as tx:
        women = [
            NewParticipant("LC-001", "Rosa Prueba", "America/Tijuana", centre="tijuana"),
            NewParticipant("LC-002", "Luz Ejemplo", "America/Mexico_City", centre="puente"),
        ]
        rosa, luz = await people.add_participants(tx, women)
        await ledger.expect(tx, [row(her, "s1", date(2026, 3, 5)) for her in (rosa, luz)])
        await ledger.expect(tx, [row(rosa, "m1", date(2026, 4, 9)), row(luz, "m1", None)])
        answered = {"invited_at": START + 3 * DAY, "started_at": START + 5 * DAY}
        await happened(tx, rosa, "s1", **answered, fate=Fate.COMPLETED, closed_at=START + 5 * DAY)
        silent = {"fate": Fate.UNREACHABLE, "fate_reason": Reason.NO_ANSWER, "closed_at": START + 58 * DAY}
        await happened(tx, rosa, "m1", invited_at=START + 40 * DAY, **silent)
        await happened(tx, luz, "s1", state=CheckinState.INVITED, invited_at=START + 3 * DAY)
        late = {"fate": Fate.NOT_DUE, "fate_reason": Reason.DATE_CAME_LATE, "closed_at": START + 50 * DAY}
        await happened(tx, luz, "m1", **late, due_on=date(2026, 3, 9))
        for her, cause, at in ((rosa, "corrected", START + 18 * DAY), (luz, "date_known", START + 50 * DAY)):
            hers = (checkins.c.participant_id == her) & (checkins.c.point == "m1")
            id_ = (await tx.run(select(checkins.c.id).where(hers))).scalar_one()
            was = {"state": "expected", "due_on": date(2026, 4, 2)} if her == rosa else {"state": "waiting_for_date"}
            change = {"id": tx.ids.ordered(), "checkin_id": id_, "at": at, "cause": cause, **was}
            await tx.run(revisions.insert(), [change])
    return store


def numbers(told: dict[str, Any]) -> list[int]:
    return [told[name] for name in NAMES]


def test_the_funnel_as_it_is_now(kept: Store, operator: Operator) -> None:
    told = operator.read("ledger")
    assert [(one["plan"], one["point"]) for one in told["points"]] == [("seguimiento", "s1"), ("seguimiento", "m1")]
    assert [numbers(one) for one in told["points"]] == [[2, 2, 1, 1, 0, 0, 1, 1], [2, 1, 0, 0, 1, 1, 0, 0]]
    assert numbers(told["total"]) == [4, 3, 1, 1, 1, 1, 1, 1]
    assert told["points"][1]["reasons"] == {"unreachable": {"no_answer": 1}, "not_due": {"date_came_late": 1}}
    assert told["total"]["rr1"] == told["total"]["rr2"] == {"numerator": 1, "denominator": 3, "percent": 33.3}


@pytest.mark.parametrize(
    ("day", "total"),
    [
        ("2026-03-01", [0, 0, 0, 0, 0, 0, 0, 0]),
        ("2026-03-02", [4, 0, 0, 0, 0, 0, 4, 0]),
        ("2026-03-06", [4, 2, 0, 0, 0, 0, 4, 0]),
        ("2026-03-07", [4, 2, 1, 1, 0, 0, 3, 0]),
        ("2026-03-30", [4, 2, 1, 1, 0, 0, 3, 1]),
        ("2026-04-21", [4, 3, 1, 1, 0, 1, 2, 1]),
        ("2026-05-01", [4, 3, 1, 1, 1, 1, 1, 1]),
    ],
)
def test_the_funnel_as_of_a_past_day(kept: Store, operator: Operator, day: str, total: list[int]) -> None:
    told = operator.read("ledger", "--as-of", day)
    assert numbers(told["total"]) == total
    assert told["total"]["expected"] == told["total"]["open"] + sum(told["total"][fate] for fate in Fate)


def test_some_of_the_funnel(kept: Store, operator: Operator) -> None:
    assert numbers(operator.read("ledger", "--centre", "tijuana")["total"]) == [2, 2, 1, 1, 1, 0, 0, 0]
    assert numbers(operator.read("ledger", "--point", "s1")["total"]) == [2, 2, 1, 1, 0, 0, 1, 1]
    both = operator.read("ledger", "--point", "s1", "--centre", "puente")
    assert (both["centre"], both["point"], numbers(both["total"])) == ("puente", "s1", [1, 1, 0, 0, 0, 0, 1, 1])
    nobody = operator.read("ledger", "--as-of", "2026-03-01", "--centre", "puente")
    assert (nobody["points"], nobody["total"]["rr1"]["percent"]) == ([], None)


@pytest.mark.parametrize("name", ["BAR", "bar", "Barrientos", "CPRS Tlalnepantla"])
def test_a_centre_goes_by_any_of_its_names(kept: Store, operator: Operator, name: str) -> None:
    operator.done("participants", "set", "LC-001", "--centre", "Barrientos")
    told = operator.read("ledger", "--centre", name)
    assert (told["centre"], told["total"]["expected"] > 0) == ("BAR", True)


def test_a_woman_who_was_moved_takes_her_past_along_to_her_centre_of_today(kept: Store, operator: Operator) -> None:
    before = operator.read("ledger", "--as-of", "2026-03-07", "--centre", "tijuana")["total"]
    operator.done("participants", "set", "LC-001", "--centre", "puente")
    assert numbers(before) == [2, 1, 1, 1, 0, 0, 1, 0]
    assert numbers(operator.read("ledger", "--as-of", "2026-03-07", "--centre", "puente")["total"]) == [
        4,
        2,
        1,
        1,
        0,
        0,
        3,
        0,
    ]
    assert "nobody belongs to it" in operator.refused("ledger", "--as-of", "2026-03-07", "--centre", "tijuana")


@pytest.fixture
async def answered_late(kept: Store) -> None:
    """LC-001 was done with s1 on 6 March at half past ten by the clock in Tijuana, past midnight in Mexico City."""
    async with kept.database.transact() as tx:
        at = datetime(2026, 3, 7, 6, 30, tzinfo=UTC)
        await tx.run(update(checkins).where(checkins.c.fate == Fate.COMPLETED).values(started_at=at, closed_at=at))


@pytest.mark.usefixtures("answered_late")
@pytest.mark.parametrize(("day", "completed"), [("2026-03-06", 0), ("2026-03-07", 1)])
def test_a_day_ends_in_mexico_city_for_a_woman_in_tijuana_too(operator: Operator, day: str, completed: int) -> None:
    assert operator.read("ledger", "--as-of", day, "--centre", "tijuana")["total"]["completed"] == completed
    (s1, *_) = operator.read("ledger", "--as-of", day, "--participant", "LC-001")["checkins"]
    assert (s1["stood"] == "completed") is bool(completed)


def test_a_name_that_is_unknown_does_not_read_as_nobody(kept: Store, operator: Operator) -> None:
    assert "--point: no plan has such a point or series" in operator.refused("ledger", "--point", "zz")
    assert "--centre: nobody belongs to it; centres are puente, tijuana" in operator.refused("ledger", "--centre", "zz")


def test_the_funnel_in_words(kept: Store, operator: Operator) -> None:
    lines = operator.done("ledger", "--as-of", "2026-04-30").splitlines()
    assert lines[0] == "as of 2026-04-30 23:59-06:00"
    assert [line.split() for line in lines[2:5]] == [
        ["s1", "2", "2", "1", "1", "0", "0", "0", "0", "0", "0", "1", "50.0", "%", "50.0", "%"],
        ["m1", "2", "1", "0", "0", "0", "0", "1", "0", "1", "0", "0", "0.0", "%", "0.0", "%"],
        ["total", "4", "3", "1", "1", "0", "0", "1", "0", "1", "0", "1", "33.3", "%", "33.3", "%"],
    ]
    assert len({len(line) for line in lines[1:5]}) == 1
    assert lines[5:] == [
        "m1: not due: date_came_late 1",
        "m1: unreachable: no_answer 1",
        "open: 1 past their window",
    ]


def test_one_womans_check_ins_with_what_was_changed_of_them(kept: Store, operator: Operator) -> None:
    assert operator.done("ledger", "--participant", "lc-001").splitlines() == [
        "s1\t2026-03-05\tcompleted\tinvited 2026-03-05 08:00-08:00\tstarted 2026-03-07 08:00-08:00"
        "\tclosed 2026-03-07 08:00-08:00",
        "m1\t2026-04-09\tunreachable (no_answer)\tinvited 2026-04-11 09:00-07:00\tclosed 2026-04-29 09:00-07:00",
        "\t2026-03-20 09:00-07:00\tcorrected: was expected, due 2026-04-02",
    ]
    before = operator.read("ledger", "--participant", "LC-001", "--as-of", "2026-03-19")["checkins"]
    assert [(one["point"], one["stood"], one["due_on"], one["changes"]) for one in before] == [
        ("s1", "completed", "2026-03-05", []),
        ("m1", "expected", "2026-04-02", []),
    ]
    after = operator.read("ledger", "--participant", "LC-002")
    assert (after["record_id"], [one["stood"] for one in after["checkins"]]) == ("LC-002", ["invited", "not_due"])
    assert after["checkins"][1]["changes"] == [
        {
            "at": "2026-04-21T16:00:00+00:00",
            "cause": "date_known",
            "stood": "waiting_for_date",
            "reason": None,
            "due_on": None,
        }
    ]


def test_what_cannot_be_told_is_refused(kept: Store, operator: Operator) -> None:
    assert "has not come yet" in operator.refused("ledger", "--as-of", "2026-06-01")
    assert "nobody is registered as LC-9" in operator.refused("ledger", "--participant", "LC-9")
    assert operator.types("ledger", "--participant", "LC-001", "--point", "s1").exit_code == 2
    assert operator.types("ledger", "--as-of", "01/05/2026").exit_code == 2
