"""What a stranger sees who opens Rosa's phone, at the moments that count: for the test, and for the pictures of docs/.

* Rosa has chosen a code. A stranger can scroll the chat, read what stands beside it, and tap.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import StrEnum

from playwright.async_api import expect

from tests.browser.rosa import Story


class Moment(StrEnum):
    """When the phone lies there for anybody."""

    JOINED = "joined"  # ten minutes after first contact
    INVITED = "invited"  # a check-in is due
    GATE = "gate"  # the stranger tapped on it
    SITTING = "sitting"  # Rosa is in: what all of this is to hide
    SUMMARY = "summary"
    AFTER = "after"  # ten minutes after the sitting
    INCOME = "income"  # a month on, in the middle of another one
    LEFT = "salir"  # she wrote /salir


TELLING = frozenset({Moment.SITTING, Moment.SUMMARY, Moment.INCOME})
"""When Rosa has it in her own hand, and it says something."""


async def moments(story: Story) -> AsyncIterator[Moment]:
    """Play the story, and stop wherever one should look."""
    await story.join()
    await story.choose_code()
    await quiet(story)
    yield Moment.JOINED
    await story.pass_time("+1 semana")
    await story.asked("¿Tienes cinco minutos?")
    yield Moment.INVITED
    await story.tap("Sí, ahora")
    await story.asked("¿Eres tú?")
    yield Moment.GATE
    await story.let_in()
    await story.asked("¿Necesitas algo hoy?")
    yield Moment.SITTING
    await story.answer_arrival()
    yield Moment.SUMMARY
    await quiet(story)
    yield Moment.AFTER
    await story.tell_income()
    yield Moment.INCOME
    await story.say("/salir")
    await story.asked("Si quieres, seguimos.")  # the last of the invitations, which says nothing
    yield Moment.LEFT


async def quiet(story: Story) -> None:
    """Ten minutes in which nobody does anything: next of all, the chat is cleared."""
    await story.pass_time("Hasta la próxima")
    await expect(story.rosa.get_by_text("Aquí estoy. Escríbeme cuando quieras.")).to_be_visible()


async def seen(story: Story) -> str:
    """All that the phone says: the chat from its beginning, its buttons, what stands around it, and what a screen
    reader says of them."""
    phone = story.rosa.locator(".phone")
    named = await phone.locator(":is(.chat-head, .log, .foot) *").evaluate_all(
        """all => all.flatMap(one => ["placeholder", "aria-label", "title", "alt", "value"]
            .map(name => one.getAttribute(name) ?? one[name] ?? "")).filter(one => typeof one === "string" && one)"""
    )
    return "\n".join([await phone.inner_text(), *named])
