"""Codes of an authenticator app (RFC 6238), for whoever wants more than a PIN before names.

* A code serves once: the step of the clock that it belongs to is kept, and no earlier one counts again.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import select

from storage.database import Tx
from storage.schema import staff
from storage.vault import Place

SECRET_BITS = 160
"""As long as the hash that RFC 4226 (section 4) builds codes with."""

EITHER_SIDE = 1
"""Steps of half a minute by which her phone's clock may be wrong."""


@dataclass(frozen=True, slots=True)
class FreshSecret:
    """A secret for an app, as the app takes it: 32 letters and digits."""

    async def find(self, tx: Tx) -> str:
        """A new one each time."""
        drawn = base64.urlsafe_b64decode(tx.ids.token(SECRET_BITS) + "==")
        return base64.b32encode(drawn[: SECRET_BITS // 8]).decode()


@dataclass(frozen=True, slots=True)
class CodeTried:
    """The step of the clock that this code of her app belongs to, if it is one and was not used."""

    member: int
    code: str

    async def find(self, tx: Tx) -> int | None:
        """The step, or None for a wrong code, or one that has served."""
        row = (await tx.run(select(staff).where(staff.c.id == self.member))).one()
        secret = tx.vault.open_text(Place("staff", "authenticator", self.member), row.authenticator)
        step = None if secret is None else step_of(secret, self.code, at=tx.now)
        return step if step is not None and step > (row.authenticator_step or 0) else None


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """The step of the clock whose code this is, near that moment."""
    totp = pyotp.TOTP(secret)
    now = totp.timecode(at)
    steps = range(now - EITHER_SIDE, now + EITHER_SIDE + 1)
    return next((step for step in steps if pyotp.utils.strings_equal(totp.generate_otp(step), code)), None)
