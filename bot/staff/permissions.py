"""Who may do what: one table for commands, buttons and the command line, by role.

* What is not in it nobody may do. Whoever may not do something does not learn that it exists.
* A verb is a room's name, a dot, and what is done there; a button carries it, and a command stands for one.
* The command line acts as admin: who can read the key can read all.
"""

from __future__ import annotations

from collections.abc import Mapping

from storage.members import Role

EVERY = frozenset(Role)
TEAM = frozenset({Role.STAFF, Role.COORDINATOR, Role.ADMIN})
LEAD = frozenset({Role.COORDINATOR, Role.ADMIN})
ADMIN = frozenset({Role.ADMIN})

MAY: Mapping[str, frozenset[Role]] = {
    "lobby.menu": EVERY,
    "lobby.counts": EVERY,
    "lobby.heard": EVERY,
    "pin.choose": EVERY,
    "pin.app": LEAD,
    "pin.heard": EVERY,
    "team.list": LEAD,
    "team.invite": LEAD,
    "team.name": LEAD,
    "team.heard": LEAD,
    "team.card": LEAD,
    "team.revoke": LEAD,
    "team.revoked": LEAD,
    "team.pin": LEAD,
    "team.again": LEAD,
    "team.role": ADMIN,
    "team.become": ADMIN,
    "instruments.sent": LEAD,
    "instruments.arrived": LEAD,
    "instruments.install": LEAD,
    "instruments.discard": LEAD,
}
"""Each verb, and the roles that may do it."""

COMMANDS: Mapping[str, str] = {
    "menu": "lobby.menu",
    "estado": "lobby.counts",
    "equipo": "team.list",
    "pin": "pin.choose",
}
"""What is typed after the slash, in the order of the list that Telegram shows, and the verb that it stands for."""

COMMAND_KEYS = ("command.menu", "command.estado", "command.equipo", "command.pin")
"""What each command is, in a few words: in Telegram's list and on the buttons of the menu."""

HEARD, SENT, ARRIVED, LATE = "heard", "sent", "arrived", "late"
"""What a room does with words, with a file, with a file once it has been fetched, and once its time is over."""

NAMELESS = frozenset({"lobby", "pin", "instruments"})
"""The rooms in which nobody's name or words are shown: they open without the PIN."""

COMMAND_LINE: Mapping[str, frozenset[Role]] = dict.fromkeys(
    (
        *("init", "doctor", "run", "demo", "export", "ledger", "upcoming"),
        *("participants import", "participants list", "participants show", "participants set", "participants pause"),
        *("participants resume", "participants stop", "participants reopen"),
        *("cases list", "cases attend", "cases close", "calls attempt", "calls script"),
        *("contacts add", "contacts list", "contacts withdraw", "voices list", "voices save", "voices transcribe"),
        *("invite participant", "invite staff"),
        *("instruments check", "instruments install", "instruments list", "instruments diff", "instruments preview"),
        *("plan check", "plan preview", "plan apply", "db upgrade", "db check"),
    ),
    ADMIN,
)
"""The verbs of `hilo`."""


def may(role: Role, verb: str) -> bool:
    """Whether this role may do that."""
    return role in MAY.get(verb, frozenset())


def commands_of(role: Role) -> tuple[str, ...]:
    """The commands that this role may give, in the order of the list that Telegram shows."""
    return tuple(command for command, verb in COMMANDS.items() if may(role, verb))
