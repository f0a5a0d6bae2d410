"""Broadcasts as the organisation has set them: who must approve, how long to undo, and how many a second are paid for.

* Nothing is paid for unless the settings say how many a second; then each message says that it may be, and Telegram
  charges those beyond the free thirty in Stars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.api import Call
from bot.journey import Renderer
from bot.pacing import Limits, Rate, counts
from bot.settings import Settings
from bot.staff.broadcast_card import Terms
from conversations.speech import Speech
from scheduler.mailings import PER_SECOND
from storage.broadcasts import Rules
from storage.imports.catalogue import FILE_NAME, read_catalogue
from storage.mail import Claimed
from storage.segments import Spacing
from storage.traces import Standing


def rules_of(settings: Settings) -> Rules:
    """What is set about approving, undoing, and how long she is left in peace."""
    undo = timedelta(seconds=settings.broadcast_undo_seconds)
    return Rules(settings.broadcast_approval_above, undo, Spacing(settings.broadcast_rest_days))


def terms_of(settings: Settings) -> Terms:
    """What the desk is told of all that is set. Raises CatalogueInvalid."""
    per_second = settings.allow_paid_broadcast or PER_SECOND
    named = read_catalogue(settings.home / FILE_NAME)
    return Terms(rules_of(settings), settings.broadcast_phones, settings.office_zone, per_second, catalogue=named)


def limits(paid: int) -> Limits:
    """Telegram's limits with so many paid messages a second, 0 for none; those of a chat stay."""
    return Limits(overall=Rate(paid, 1.0)) if paid else Limits()


def paid_for(render: Renderer) -> Renderer:
    """The same, with `allow_paid_broadcast` on whatever makes a message."""
    return _PaidFor(render)


@dataclass(frozen=True, slots=True)
class _PaidFor:
    _render: Renderer

    def needs_standing(self, speech: Speech) -> bool:
        """As without."""
        return self._render.needs_standing(speech)

    def __call__(self, claimed: Claimed, standing: Sequence[Standing]) -> list[Call]:
        """The same calls, paid for."""
        calls = self._render(claimed, standing)
        return [
            Call(one.method, {**one.params, "allow_paid_broadcast": True}) if counts(one.method) else one
            for one in calls
        ]
