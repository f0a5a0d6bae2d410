"""What dialogues share that are over as soon as they have replied: there is no state to read, write or let expire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from scheduler.dialogue import Event
from storage.facts import Who
from storage.records import Need


class Stateless:
    """A dialogue that is over as soon as it has replied."""

    def load(self, data: bytes) -> None:
        """There is no state to read."""

    def dump(self, state: None) -> bytes:
        """There is no state to write."""
        return b""

    def expires_at(self, state: None) -> datetime | None:
        """There is nothing that could expire."""
        return None

    def needs(self, state: None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """Nothing beyond who it is."""
        return ()
