"""`hilo participants pause`: which pause needs a day, and what ends a re-entry."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integration.test_cli_plan import TODAY, Write, registered
from tests.integration.test_cli_plan import operator as operator
from tests.integration.test_cli_plan import write as write
from tests.support.operator import Operator


def test_no_other_pause_takes_the_place_of_a_reentry(operator: Operator, write: Write) -> None:
    registered(operator, write)
    operator.done("participants", "pause", "LC-001", "--kind", "reingreso")
    until = str(TODAY + timedelta(days=30))
    said = operator.refused("participants", "pause", "LC-001", "--kind", "hospital", "--until", until)
    assert "participants set RECORD_ID --release DATE" in said
    assert "participants resume RECORD_ID" in said
    (pause,) = operator.read("participants", "show", "LC-001")["pauses"]
    assert (pause["kind"], pause["until_on"]) == ("reingreso", None)


@pytest.mark.parametrize("kind", ["viaje", "hospital", "cuidado", "descanso"])
def test_every_other_pause_has_a_day_on_which_she_is_asked_again(operator: Operator, write: Write, kind: str) -> None:
    registered(operator, write)
    assert "on which day she is asked again" in operator.refused("participants", "pause", "LC-001", "--kind", kind)
    assert operator.read("participants", "show", "LC-001")["pauses"] == []
    operator.done("participants", "pause", "LC-001", "--kind", kind, "--series", "m1")
