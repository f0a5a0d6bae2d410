"""Who may do what: one table for commands, buttons and the command line, by role.

* What is not in it nobody may do. Whoever may not do something does not learn that it exists.
* A verb is a room's name, a dot, and what is done there; a button carries it, and a command stands for one.
* The command line acts as admin: who can read the key can read all. What it comes near to stands beside each verb.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from storage.members import Role

EVERY = frozenset(Role)
TEAM = frozenset({Role.STAFF, Role.COORDINATOR, Role.ADMIN})
LEAD = frozenset({Role.COORDINATOR, Role.ADMIN})
ADMIN = frozenset({Role.ADMIN})
AUDIT = frozenset({Role.AUDITOR, Role.ADMIN})

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
    **dict.fromkeys(("cases.list", "cases.open", "cases.take", "cases.reply", "cases.heard", "cases.sent"), TEAM),
    **dict.fromkeys(("cases.note", "cases.canned", "cases.say", "cases.undo", "cases.give", "cases.to"), TEAM),
    **dict.fromkeys(("cases.close", "cases.end", "cases.away", "cases.cover", "cases.until", "cases.back"), TEAM),
    **dict.fromkeys(("cases.see", "cases.clear", "cases.send", "cases.judge"), TEAM),
    "capture.menu": TEAM,
    "capture.her": TEAM,
    "capture.checkin": TEAM,
    "capture.oral": TEAM,
    "capture.paper": TEAM,
    "capture.agreed": TEAM,
    **dict.fromkeys(("capture.money", "capture.wellbeing", "capture.research"), TEAM),
    "capture.take": TEAM,
    "capture.begin": TEAM,
    "capture.heard": TEAM,
    "capture.sent": TEAM,
    "capture.answered": TEAM,
    "capture.on": TEAM,
    "capture.back": TEAM,
    "capture.done": TEAM,
    "practice.menu": TEAM,
    "practice.oral": TEAM,
    "practice.agreed": TEAM,
    **dict.fromkeys(("practice.money", "practice.wellbeing", "practice.research"), TEAM),
    "practice.begin": TEAM,
    "practice.heard": TEAM,
    "practice.sent": TEAM,
    "practice.answered": TEAM,
    "practice.on": TEAM,
    "practice.done": TEAM,
    "voices.menu": TEAM,
    "voices.skip": TEAM,
    "voices.unclear": TEAM,
    "voices.heard": TEAM,
    **dict.fromkeys(("roster.list", "roster.all", "roster.page", "roster.heard", "roster.card"), TEAM),
    **dict.fromkeys(("roster.sheet", "roster.print"), TEAM),
    **dict.fromkeys(("add.begin", "add.heard", "add.skip", "add.pick", "add.other"), TEAM),
    **dict.fromkeys(("add.save", "add.cancel", "add.card"), TEAM),
    **dict.fromkeys(("woman.edit", "woman.field", "woman.pick", "woman.heard", "woman.save"), TEAM),
    "woman.give": LEAD,
    **dict.fromkeys(("paper.begin", "paper.heard", "paper.say", "paper.save"), TEAM),
    **dict.fromkeys(("rest.pause", "rest.kind", "rest.until", "rest.resume"), TEAM),
    **dict.fromkeys(("rest.stop", "rest.halt", "rest.reopen", "rest.open"), TEAM),
    **dict.fromkeys(("invite.ask", "invite.draw", "invite.word"), TEAM),
    **dict.fromkeys(("invite.recover", "invite.code", "invite.right", "invite.wrong"), TEAM),
    **dict.fromkeys(("invite.grant", "invite.refuse"), LEAD),
    **dict.fromkeys(("freeze.ask", "freeze.now", "freeze.thaw", "freeze.mark"), TEAM),
    **dict.fromkeys(("freeze.contacts", "freeze.contact"), TEAM),
    "freeze.thawed": LEAD,
    **dict.fromkeys(("calls.list", "calls.next", "calls.her", "calls.notes", "calls.dial", "calls.take"), TEAM),
    **dict.fromkeys(("calls.contacts", "calls.ask", "calls.met", "calls.rare", "calls.said", "calls.channel"), TEAM),
    **dict.fromkeys(("calls.when", "calls.day", "calls.hour", "calls.heard", "calls.save"), TEAM),
    **dict.fromkeys(("results.show", "report.make"), LEAD),
    **dict.fromkeys(("export.menu", "export.named", "export.for", "export.parts", "export.as", "export.less"), LEAD),
    **dict.fromkeys(("export.whole", "export.us", "export.heard", "export.stop"), LEAD),
    **dict.fromkeys(("approve.menu", "approve.draw", "approve.hide"), LEAD),
    **dict.fromkeys(("digest.show", "digest.on", "digest.off"), LEAD),
    **dict.fromkeys(("quality.list", "quality.kind"), TEAM),
    **dict.fromkeys((f"rights.{verb}" for verb in ("list", "open", "take", "who", "prove", "grant", "deny")), LEAD),
    **dict.fromkeys((f"rights.{verb}" for verb in ("longer", "heard", "done", "back", "undo", "phone")), LEAD),
    **dict.fromkeys(("rights.lost", "rights.again", "rights.given"), LEAD),
    **dict.fromkeys(("audit.list", "audit.page", "audit.proof", "audit.prove"), AUDIT),
    **dict.fromkeys(("files.sent", "files.roster", "files.questionnaire"), LEAD),
    **dict.fromkeys(("roster_file.sent", "roster_file.arrived", "roster_file.decide", "roster_file.other"), LEAD),
    **dict.fromkeys(("roster_file.same", "roster_file.store", "roster_file.drop"), LEAD),
    **dict.fromkeys((f"broadcast.{verb}" for verb in ("list", "compose", "text", "bare", "heard", "sent")), TEAM),
    **dict.fromkeys((f"broadcast.{verb}" for verb in ("whom", "by", "pick", "months", "mine", "all", "ids")), TEAM),
    **dict.fromkeys((f"broadcast.{verb}" for verb in ("when", "at", "weeks", "try", "open", "clear", "submit")), TEAM),
    **dict.fromkeys(
        (f"broadcast.{verb}" for verb in ("discard", "discarded", "card", "back", "pause", "resume")), TEAM
    ),
    **dict.fromkeys((f"broadcast.{verb}" for verb in ("cancel", "cancelled", "retire", "retired")), TEAM),
    **dict.fromkeys((f"broadcast.{verb}" for verb in ("report", "sheet")), TEAM),
    "broadcast.approve": LEAD,
    "instruments.sent": LEAD,
    "instruments.arrived": LEAD,
    "instruments.install": LEAD,
    "instruments.discard": LEAD,
}
"""Each verb, and the roles that may do it."""

COMMANDS: Mapping[str, str] = {
    "menu": "lobby.menu",
    "estado": "lobby.counts",
    "bandeja": "cases.list",
    "participantes": "roster.list",
    "llamadas": "calls.list",
    "equipo": "team.list",
    "capturar": "capture.menu",
    "transcribir": "voices.menu",
    "practica": "practice.menu",
    "difusion": "broadcast.list",
    "resumen": "digest.show",
    "resultados": "results.show",
    "informe": "report.make",
    "exportar": "export.menu",
    "aprobar": "approve.menu",
    "calidad": "quality.list",
    "derechos": "rights.list",
    "auditoria": "audit.list",
    "pin": "pin.choose",
}
"""What is typed after the slash, in the order of the list that Telegram shows, and the verb that it stands for."""

COMMAND_KEYS = (
    "command.menu",
    "command.estado",
    "command.bandeja",
    "command.participantes",
    "command.llamadas",
    "command.equipo",
    "command.capturar",
    "command.transcribir",
    "command.practica",
    "command.difusion",
    "command.resumen",
    "command.resultados",
    "command.informe",
    "command.exportar",
    "command.aprobar",
    "command.calidad",
    "command.derechos",
    "command.auditoria",
    "command.pin",
)
"""What each command is, in a few words: in Telegram's list and on the buttons of the menu."""

HEARD, SENT, ARRIVED, LATE, ANSWERED = "heard", "sent", "arrived", "late", "answered"
"""What a room does with words, with a file, with a file once it has been fetched, once its time is over, and with a tap
on a question of a questionnaire."""

NAMELESS = frozenset(
    (
        *("lobby", "pin", "practice", "digest", "instruments", "files"),
        *("roster_file.sent", "roster_file.arrived", "roster_file.drop"),
    )
)
"""The rooms, and single verbs, that show nobody's name or words: they open without the PIN."""


class Near(StrEnum):
    """What a verb of the command line comes nearest to."""

    MACHINE = "machine"  # this machine, the bot, or what is about nobody
    CODES = "codes"  # counts, and women by record_id
    NAMES = "names"  # names, numbers, or what a woman said
    EXPORT = "export"  # what is known of women, in a file
    CHANGE = "change"  # what the store says
    SEND = "send"  # what women receive


COMMAND_LINE: Mapping[str, Near] = {
    **dict.fromkeys(("doctor", "run", "demo", "db upgrade", "db check", "audit verify"), Near.MACHINE),
    **dict.fromkeys(("instruments check", "instruments list", "instruments diff", "instruments preview"), Near.MACHINE),
    **dict.fromkeys(("plan check", "cases answers", "cases answer-add", "cases answer-remove"), Near.MACHINE),
    **dict.fromkeys(("ledger", "upcoming", "calls", "cases list", "voices list", "plan preview"), Near.CODES),
    **dict.fromkeys(("indicators", "indicators compare", "quality", "cases detections", "exports list"), Near.CODES),
    **dict.fromkeys(("broadcast list", "broadcast show", "broadcast preview"), Near.CODES),
    **dict.fromkeys(("participants list", "participants show", "contacts list", "calls script"), Near.NAMES),
    **dict.fromkeys(("export", "report", "voices save", "broadcast report", "backup"), Near.EXPORT),
    **dict.fromkeys(("participants import", "participants set", "participants pause"), Near.CHANGE),
    **dict.fromkeys(("import registry", "import measurements", "import work"), Near.CHANGE),
    **dict.fromkeys(("participants resume", "participants stop", "participants reopen"), Near.CHANGE),
    **dict.fromkeys(("cases note", "cases give", "cases cover", "calls attempt", "voices transcribe"), Near.CHANGE),
    **dict.fromkeys(("contacts add", "contacts withdraw", "contacts unsafe"), Near.CHANGE),
    **dict.fromkeys(("init", "invite participant", "invite staff", "instruments install", "plan apply"), Near.CHANGE),
    **dict.fromkeys(("indicators publish", "keys backup", "keys rotate", "restore"), Near.CHANGE),
    **dict.fromkeys(("broadcast new", "broadcast send", "broadcast approve", "broadcast undo"), Near.SEND),
    **dict.fromkeys(("broadcast pause", "broadcast resume", "broadcast cancel", "broadcast retire"), Near.SEND),
    **dict.fromkeys(("cases attend", "cases close", "cases reply"), Near.SEND),
    **dict.fromkeys(("privacy erased", "privacy holds", "privacy requests", "privacy told", "notice"), Near.CODES),
    **dict.fromkeys(("privacy erase", "privacy undo", "privacy prove"), Near.CHANGE),
    **dict.fromkeys(("privacy hold", "privacy release", "consents record"), Near.CHANGE),
    **dict.fromkeys(("privacy grant", "privacy deny", "privacy done", "privacy breach"), Near.SEND),
    "privacy mentions": Near.NAMES,
    **dict.fromkeys(("privacy redact", "privacy keep"), Near.CHANGE),
    "privacy export": Near.EXPORT,
}
"""The verbs of `hilo`, which has no roles: whoever can read the key acts as an admin, in the audit as `command`."""


def may(role: Role, verb: str) -> bool:
    """Whether this role may do that."""
    return role in MAY.get(verb, frozenset())


def commands_of(role: Role) -> tuple[str, ...]:
    """The commands that this role may give, in the order of the list that Telegram shows."""
    return tuple(command for command, verb in COMMANDS.items() if may(role, verb))
