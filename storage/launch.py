"""Whether women may be invited: on Telegram's own address only once the launch check has passed, and while what it saw
is as it was.

* What was seen is kept as digests by part, so that a change asks anew and can be named; of the parts nothing is kept.
* Whether it is asked at all is said by the bot that runs; a command says it by its own settings.
* Members of staff may come in before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from pydantic import TypeAdapter

from storage import audit, installation
from storage.database import Tx
from storage.members import SEES_ALL, SEES_OWN, Role
from storage.phones import reached
from storage.schema import staff

_ASKED, _PASSED, _SEEN = "launch_asked", "launch_passed", "launch_seen"

Seen = Mapping[str, str]
"""The digest of each part that the launch check looks at."""

_SEEN_FORM: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])


@dataclass(frozen=True, slots=True)
class InvitationsShut:
    """Whether no woman may be invited yet."""

    async def find(self, tx: Tx) -> bool | None:
        """True where none may."""
        return await is_shut(tx) or None


async def ask(tx: Tx, *, asked: bool) -> None:
    """Say whether the bot that runs now invites nobody before the check has passed."""
    await installation.remember(tx, {_ASKED: "yes" if asked else ""})


async def see(tx: Tx, seen: Seen) -> None:
    """Note how these parts look now; of the others what was known stands."""
    before = await _recall(tx, _SEEN)
    after = {**before, **seen}
    if after != before:
        await installation.remember(tx, {_SEEN: _SEEN_FORM.dump_json(after).decode()})


async def passed(tx: Tx, seen: Seen) -> None:
    """The check has passed, and saw this."""
    told = _SEEN_FORM.dump_json(dict(sorted(seen.items()))).decode()
    await installation.remember(tx, {_PASSED: told, _SEEN: told})
    await audit.append(tx, [audit.Act("command", "launch_passed", None, sha256(told.encode()).hexdigest()[:16])])


async def is_shut(tx: Tx, *, asked: bool | None = None) -> bool:
    """Whether no woman may be invited; `asked` overrules what the bot that ran last has said."""
    if not (asked if asked is not None else await installation.recall(tx, _ASKED)):
        return False
    return await installation.recall(tx, _PASSED) is None or bool(await changed(tx))


async def changed(tx: Tx) -> tuple[str, ...]:
    """The parts that look otherwise than when the check passed; none where it never did."""
    when_passed, now = await _recall(tx, _PASSED), await _recall(tx, _SEEN)
    return tuple(part for part, digest in when_passed.items() if now.get(part) != digest)


async def _recall(tx: Tx, name: str) -> dict[str, str]:
    told = await installation.recall(tx, name)
    return {} if told is None else _SEEN_FORM.validate_json(told)


async def on_duty(tx: Tx) -> dict[int, Role]:
    """The members of staff at work whom an alert reaches and who can open what it is about: with a chat that lets us
    in and a PIN. An auditor gets no alerts."""
    at_work = staff.c.role.in_(SEES_ALL | SEES_OWN) & staff.c.pin_hash.is_not(None)
    return {row.staff_id: Role(row.role) for row in await tx.run(reached().where(at_work))}
