"""Who is in the team: by one-use links in, with a role, and out again at once.

* Coordinators bring in and see off promotoras; only an admin touches coordinators, auditors and admins.
* Nobody sees off herself, and the last admin stays.
* Of a link that was lost another can be drawn; the phone that was lost is shut out in the same moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.staff import permissions
from bot.staff.room import Act, Rows, Turn, View, button, member_of, paged, stale, whole
from conversations.codec import Tagged
from conversations.speech import Button, Phrase
from scheduler.dialogue import Facts
from storage.departures import Revoked
from storage.invitations import INVITATION_DAYS, FreshInvitation
from storage.members import Listed, Member, MemberInvited, PinForgotten, Role, RoleChanged, Team
from storage.records import Need

LONGEST_NAME = 60
ROLE_KEYS = ("staff.role_staff", "staff.role_coordinator", "staff.role_admin", "staff.role_auditor")
_ROLES = dict(zip((Role.STAFF, Role.COORDINATOR, Role.ADMIN, Role.AUDITOR), ROLE_KEYS, strict=True))


@dataclass(frozen=True, slots=True)
class Inviting:
    """A name is awaited for somebody who is to have this role."""

    role: Role


class TeamRoom:
    """Where coordinators and admins look after the team."""

    name = "team"
    states: Tagged[Any] = Tagged(Inviting)

    def until(self, held: Any) -> datetime | None:
        """It waits as long as she does."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """Who is in the team; a link where one is to be shown."""
        drawn = act.verb == "again" or (act.verb == permissions.HEARD and isinstance(held, Inviting))
        return (Team(), FreshInvitation()) if drawn else (Team(),)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Show the team or one of it, bring in, change, see off."""
        me = member_of(facts)
        match act.verb:
            case "list":
                return Turn(None, _everybody(facts, whole(act.about)))
            case "invite":
                return Turn(None, View(Phrase("staff.team_which_role"), _roles("team.name", me)))
            case "name":
                return _ask_name(act, me)
            case permissions.HEARD if isinstance(held, Inviting):
                return _invited(held, act, facts=facts)
            case permissions.HEARD:
                return None
            case _:
                return _about(act, facts=facts, me=me)


def _about(act: Act, *, facts: Facts, me: Member) -> Turn:
    """What is about one member: nothing, where she has gone or is not for this one to touch."""
    found = next((one for one in facts.get(Team()) or () if one.staff == act.id), None)
    if found is None:
        return Turn(None, _everybody(facts), toast=Phrase("staff.team_gone"))
    if act.verb == "card" or not _may_touch(me, found):
        return Turn(None, _card(found, me))
    last = found.role is Role.ADMIN and sum(one.role is Role.ADMIN for one in facts.get(Team()) or ()) == 1
    match act.verb:
        case "revoke":
            yes = button(f"team.revoked.{act.id:x}", "staff.team_revoke_sure")
            no = button(f"team.card.{act.id:x}", "button.no")
            given = (Phrase("staff.team_revoke_women", {"count": found.women}),) if found.women else ()
            return Turn(None, View(Phrase("staff.team_revoke_ask", {"name": found.name}, given), ((yes, no),)))
        case "revoked" if not last:
            done = View(Phrase("staff.team_revoked", {"name": found.name}), _back())
            return Turn(None, done, (Revoked(found.staff, me.staff),))
        case "pin":
            done = View(Phrase("staff.team_pin_forgotten", {"name": found.name}), _back())
            return Turn(None, done, (PinForgotten(found.staff, me.staff),))
        case "again":
            return _link(facts, MemberInvited("", staff=found.staff, by=me.staff), name=found.name)
        case "role":
            return Turn(None, View(Phrase("staff.team_which_role"), _roles(f"team.become.{act.id:x}", me)))
        case "become" if act.rest in {role.value for role in _assignable(me)} and not last:
            role = Role(act.rest)
            done = View(Phrase("staff.team_role_changed", {"name": found.name}), _back())
            changed = RoleChanged(found.staff, role, me.staff, permissions.commands_of(role))
            return Turn(None, done, (changed,))
        case _:
            return Turn(None, _card(found, me), toast=Phrase("staff.team_last_admin") if last else None)


def _assignable(me: Member) -> tuple[Role, ...]:
    return tuple(_ROLES) if me.role is Role.ADMIN else (Role.STAFF,)


def _may_touch(me: Member, other: Listed) -> bool:
    return other.staff != me.staff and other.role in _assignable(me)


def _everybody(facts: Facts, page: int = 0) -> View:
    team = facts.get(Team()) or []
    rows = paged(tuple((Button(f"team.card.{one.staff:x}", _line(one)),) for one in team), "team.list", page=page)
    invite = (button("team.invite", "staff.team_invite_button"),)
    return View(Phrase("staff.team", {"count": len(team)}), (*rows, invite))


def _line(one: Listed) -> Phrase:
    return Phrase("staff.team_line" if one.linked else "staff.team_line_waiting", {"name": one.name})


def _card(one: Listed, me: Member) -> View:
    id_ = f"{one.staff:x}"
    said = Phrase("staff.team_card", {"name": one.name, "count": one.women})
    if not _may_touch(me, one):
        return View(said, _back())
    rows = [
        (button(f"team.again.{id_}", "staff.team_again_button"), button(f"team.pin.{id_}", "staff.team_pin_button")),
        (button(f"team.revoke.{id_}", "staff.team_revoke_button"),),
    ]
    if me.role is Role.ADMIN:
        rows.append((button(f"team.role.{id_}", "staff.team_role_button"),))
    return View(said, (*rows, *_back()))


def _roles(verb: str, me: Member) -> Rows:
    return (*((Button(f"{verb}.{role}", Phrase(_ROLES[role])),) for role in _assignable(me)), *_back())


def _back() -> Rows:
    return ((button("team.list", "staff.team_back_button"),),)


def _ask_name(act: Act, me: Member) -> Turn:
    if act.about not in {role.value for role in _assignable(me)}:
        return stale()
    return Turn(Inviting(Role(act.about)), View(Phrase("staff.team_ask_name")))


def _invited(held: Inviting, act: Act, *, facts: Facts) -> Turn:
    name = " ".join(act.words.split())
    if not name or len(name) > LONGEST_NAME or held.role not in _assignable(member_of(facts)):
        return Turn(held, View(Phrase("staff.team_ask_name")))
    return _link(facts, MemberInvited("", name, held.role, by=member_of(facts).staff), name=name)


def _link(facts: Facts, record: MemberInvited, *, name: str) -> Turn:
    drawn = facts.get(FreshInvitation())
    if drawn is None or drawn.link is None:
        return Turn(None, View(Phrase("staff.team_no_link"), _back()))
    kept = MemberInvited(drawn.token, record.name, record.role, record.staff, record.by)
    told = Phrase("staff.team_link", {"name": name, "link": drawn.link, "days": INVITATION_DAYS})
    return Turn(None, View(told, _back()), (kept,), stays=False)
