"""What Telegram refuses for good shuts a chat, with its reason; any other refusal is about one message."""

import pytest
from sqlalchemy import select

from bot.demo.faults import Fault
from bot.demo.phone import Phone
from storage.mail import Urgency
from storage.schema import accounts
from tests.integration.test_leaving import edge, her, rosa
from tests.support.outgoing import Outgoing

__all__ = ["edge", "her", "rosa"]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(403, "Forbidden: bot was blocked by the user"), "blocked"),
        (Fault(403, "Forbidden: user is deactivated"), "deactivated"),
        (Fault(400, "Bad Request: chat not found"), "chat_not_found"),
    ],
)
async def test_a_chat_that_is_shut_says_why(edge: Outgoing, rosa: Phone, her: int, fault: Fault, why: str) -> None:
    edge.simulator.fail_next("sendMessage", fault)
    await edge.post(101, "hola", urgency=Urgency.INVITATION, participant_id=her)
    await edge.courier().drain()
    assert await edge.post.ends() == [("failed", why)]
    async with edge.store.database.read() as tx:
        row = (await tx.run(select(accounts))).one()
    assert (row.blocked_at is not None, row.blocked_why) == (True, why)


async def test_any_other_refusal_shuts_no_chat(edge: Outgoing, rosa: Phone, her: int) -> None:
    edge.simulator.fail_next("sendMessage", Fault(400, "Bad Request: can't parse entities"))
    await edge.post(101, "hola", urgency=Urgency.INVITATION, participant_id=her)
    await edge.courier().drain()
    async with edge.store.database.read() as tx:
        assert (await tx.run(select(accounts.c.blocked_at))).scalar_one() is None
