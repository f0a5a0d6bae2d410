"""The queue between people and the bot: what getUpdates hands out, again and again until it is confirmed.

- An update stays until an offset above its id is asked for; a crash before that means a second delivery.
- `allowed_updates` decides when an update arises, not when it is fetched, as Telegram documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Update = dict[str, Any]


class UpdateQueue:
    """Updates numbered from `first_id` upwards."""

    def __init__(self, first_id: int) -> None:
        self._next_id = first_id
        self._allowed: frozenset[str] = frozenset()
        self.waiting: list[Update] = []
        self.handed: list[Update] = []
        self.confirmed: list[int] = []

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Remember the wanted kinds; None keeps the last setting, an empty list means all."""
        if kinds is not None:
            self._allowed = frozenset(kinds)

    def add(self, kind: str, body: dict[str, Any]) -> None:
        """Queue one update, unless the bot doesn't want its kind."""
        if not self._allowed or kind in self._allowed:
            self.waiting.append({"update_id": self._next_id, kind: body})
            self._next_id += 1

    def take(self, offset: int, limit: int) -> list[Update]:
        """Confirm what lies below `offset` (negative: keep that many of the last) and hand out the next."""
        first = self.waiting[offset:][0]["update_id"] if offset < 0 and self.waiting else offset
        self.confirmed += [update["update_id"] for update in self.waiting if update["update_id"] < first]
        self.waiting = [update for update in self.waiting if update["update_id"] >= first]
        taken = self.waiting[:limit]
        self.handed += taken
        return taken

    def forget(self) -> None:
        """Drop what is waiting (drop_pending_updates)."""
        self.waiting.clear()
