"""Her hours: first the part of the day in which she likes to be asked, then the days; told back in words.

* Each choice counts as soon as she makes it, so that a menu left half way loses nothing.
* What she is asked already stays as it is; what is still to come moves to her new hours.
"""

from __future__ import annotations

from dataclasses import replace

from bot.participant.menus import Attended, Menu, MenuKind, ask
from conversations.reading.choices import Option, read_choice
from conversations.reading.result import Clear
from conversations.speech import Phrase, Said
from scheduler.calendar import SUNDAY, Slot
from scheduler.dialogue import Event, Facts
from storage.preferences import DaysChosen, SlotChosen

SLOTS = tuple(slot.value for slot in Slot)
SLOT_KEYS = ("slot.manana", "slot.tarde", "slot.noche", "slot.cualquiera")
SLOT_WORDS = (
    Option(Slot.MORNING, "En la mañana", ("mañana", "por la mañana", "temprano")),
    Option(Slot.AFTERNOON, "En la tarde", ("tarde", "por la tarde")),
    Option(Slot.EVENING, "En la noche", ("noche", "por la noche", "al anochecer")),
    Option(Slot.ANY, "A cualquier hora", ("cualquiera", "a la hora que sea", "me da igual")),
)

ALL_DAYS, WORKDAYS, WEEKEND = "todos", "entre_semana", "fin_de_semana"
DAYS: dict[str, str | None] = {ALL_DAYS: None, WORKDAYS: "01234", WEEKEND: "56"}
DAYS_KEYS = ("days.todos", "days.entre_semana", "days.fin_de_semana")
DAYS_WORDS = (
    Option(ALL_DAYS, "Todos los días", ("todos", "cualquier día", "el que sea", "diario", "cualquiera", "me da igual")),
    Option(WORKDAYS, "Entre semana", ("de lunes a viernes", "lunes a viernes")),
    Option(WEEKEND, "Fin de semana", ("fines de semana", "sábado y domingo", "sábados y domingos", "el fin")),
)

NOTED_KEYS = (
    "hours.noted.manana.todos",
    "hours.noted.manana.entre_semana",
    "hours.noted.manana.fin_de_semana",
    "hours.noted.tarde.todos",
    "hours.noted.tarde.entre_semana",
    "hours.noted.tarde.fin_de_semana",
    "hours.noted.noche.todos",
    "hours.noted.noche.entre_semana",
    "hours.noted.noche.fin_de_semana",
    "hours.noted.cualquiera.todos",
    "hours.noted.cualquiera.entre_semana",
    "hours.noted.cualquiera.fin_de_semana",
)


def ask_slot(event: Event, facts: Facts) -> Attended:
    """In which part of the day?"""
    return ask(
        MenuKind.SLOT, Phrase("hours.slot"), choices=tuple(zip(SLOTS, SLOT_KEYS, strict=True)), event=event, facts=facts
    )


def chosen_in_words(menu: Menu, text: str) -> str | None:
    """Which of the menu's choices her words are, if they are one."""
    said = read_choice(text, SLOT_WORDS if menu.kind is MenuKind.SLOT else DAYS_WORDS)
    return said.value if isinstance(said, Clear) else None


def choose(menu: Menu, value: str, *, event: Event, facts: Facts) -> Attended:
    """Remember her choice, and ask or tell what comes next."""
    if menu.kind is MenuKind.DAYS:
        return Attended(None, (DaysChosen(DAYS[value]), Said(Phrase(f"hours.noted.{menu.slot}.{value}"))))
    asked = ask(
        MenuKind.DAYS, Phrase("hours.days"), choices=tuple(zip(DAYS, DAYS_KEYS, strict=True)), event=event, facts=facts
    )
    assert asked.menu is not None
    # Sundays have no morning: who is asked on Sundays alone would never be asked.
    anew = (DaysChosen(None),) if (value, facts.person.days) == (Slot.MORNING, str(SUNDAY)) else ()
    return Attended(replace(asked.menu, slot=value), (SlotChosen(value), *anew, *asked.effects))
