"""The ear that every test has: it hears what the log would say, and knows what must not be there."""

import logging

import pytest

from tests.support.canaries import PLANTED
from tests.support.listening import EAR, leaks


def test_it_hears_what_would_be_written_and_no_more() -> None:
    before = len(EAR.lines)
    logging.getLogger("storage.trial").setLevel(logging.INFO)
    logging.getLogger("storage.trial").info("heard", extra={"action": "trial", "row": 7})
    logging.getLogger("elsewhere").warning("heard too")
    logging.getLogger("elsewhere").info("not heard")
    told = [line.partition(" level=")[2] for line in EAR.lines[before:]]
    assert told == ["info action=trial event=heard row=7", 'warning action=elsewhere event="heard too"']


@pytest.mark.parametrize(
    "line",
    [
        "ERROR store: Rosa Prueba is there already",
        "ERROR store: phone=5512345678",
        "ERROR store: R-501 is not known",
        "ERROR store: girasol was tried",
        "ERROR api: https://api.telegram.org/bot4242:una-palabra/getMe",
        *(f"ERROR: {canary}" for canary in PLANTED if "canari" in canary.lower()),
    ],
)
def test_it_knows_what_is_nobodys_business(line: str) -> None:
    assert leaks(["INFO all is well", line]) == [line]


def test_ids_and_counts_are_no_canaries() -> None:
    assert leaks(["INFO take: update=5512 row=4611686018427387904 entries=5512345", "INFO exported: 12 rows"]) == []


@pytest.mark.holds("S-29")
def test_a_leak_would_fail_the_test_that_made_it() -> None:
    log = logging.getLogger("bot.trial")
    log.error("told of Rosa Prueba")
    assert leaks(EAR.lines) == [EAR.lines[-1]]
    EAR.lines.clear()  # or this test would fail, as any other does
