"""The people of the demo. None of them exists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.demo.simulator import Simulator
from storage import invitations, lanes, people
from storage.consents import ConsentGiven, How, Purpose
from storage.database import Tx
from storage.imports.participants import ParticipantRow
from storage.lookups import InvitationByToken
from storage.people import CalledAs, Linked
from storage.records import Entry

COORDINATOR = "Lucía"
FREE_FOR = timedelta(days=3)
"""So that a week on her first check-in has come, whatever hours she chose and whatever holiday lies between."""

SIGNED = "1"
"""The version of the notice that the others signed on paper: the one that is shipped."""

OTHERS_FREE_FOR = timedelta(days=800)
"""Of everybody else: so long that no check-in of theirs is left, and the page tells Rosa's story alone."""

SURNAMES = ("Ejemplo Inventada", "Muestra Supuesta")
CENTRES = ("Centro Norte", "Centro Sur")
FIRST_NAMES = (
    *(
        "Alma",
        "Beatriz",
        "Carmen",
        "Dolores",
        "Elena",
        "Fernanda",
        "Gloria",
        "Hilda",
        "Irene",
        "Julia",
        "Karla",
        "Laura",
    ),
    *("Marina", "Norma", "Olga", "Patricia", "Quetzal", "Raquel", "Silvia", "Tania", "Ursula", "Victoria", "Ximena"),
)
OTHERS = tuple((name, surnames) for surnames in SURNAMES for name in FIRST_NAMES)
"""So many that a broadcast takes a while, and so few that nobody has to approve it."""

FIRST_PHONE = 1_000
"""Telegram's number of the first of their phones, which nobody looks at."""


def rosa(today: date) -> ParticipantRow:
    """The woman whose phone the page shows: released a few days ago, and invited today."""
    return ParticipantRow(line=1, record_id="D-0001", name="Rosa Ejemplo Inventada", release_date=today - FREE_FOR)


def others(today: date) -> list[ParticipantRow]:
    """The women to whom the coordinator writes: enrolled long ago, with nothing left to be asked."""
    return [
        ParticipantRow(
            line=number,
            record_id=f"D-{number:04}",
            name=f"{name} {surnames}",
            release_date=today - OTHERS_FREE_FOR - timedelta(days=number),
            centre=CENTRES[number % len(CENTRES)],
        )
        for number, (name, surnames) in enumerate(OTHERS, start=2)
    ]


async def settle(tx: Tx, women: Sequence[int], *, simulator: Simulator, bot_id: int) -> None:
    """Have the others joined, each on a phone of her own."""
    for number, (woman, (name, _)) in enumerate(zip(women, OTHERS, strict=True), start=FIRST_PHONE):
        simulator.phone(user_id=number, first_name=name).chat.opened = True
        token = (await invitations.invite(tx, word=None, participant_id=woman)).token
        invitation = await InvitationByToken(token).find(tx)
        assert invitation is not None
        allowed = (ConsentGiven(woman, purpose, SIGNED, "", given=True, how=How.PAPER) for purpose in Purpose)
        lane = lanes.name_of(tx.vault, bot=bot_id, chat=number)
        for record in (Linked(invitation.id, participant=woman), *allowed, CalledAs(name)):
            joined = Entry(record, tx.now, f"demo:{number}", lane, number, 0, woman)
            await people.WRITERS[type(record)](tx, [joined])
