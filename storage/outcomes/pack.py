"""A scoring pack: how one questionnaire is scored, as data, without a word of any item.

* A pack is one TOML file, checked whole, with every problem told at once.
* What an organisation must say itself (which items belong where) it says by the names of its form's questions.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from math import sqrt
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails

TOTAL = ""
"""The subscale of a score over all items."""

NUMBERED = "*"
"""At the end of an item: any number, so that `supresion_*` stands for supresion_1, supresion_2, …"""

CONFIDENT = 1.96
"""Standard errors beyond which 95 % of differences by chance alone do not go (Jacobson & Truax 1991)."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Item = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}\*?$")]
Said = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Positive = Annotated[Decimal, Field(gt=0)]
Share = Annotated[Decimal, Field(gt=0, le=1)]

_FAULTS = {"missing": "is missing", "extra_forbidden": "is not a setting of a pack; remove it or correct its spelling"}


class Construct(StrEnum):
    """What an instrument is about; the figures choose by it."""

    ANXIETY = "anxiety"
    REGULATION = "regulation"
    GENDER = "gender"
    RESILIENCE = "resilience"
    LEARNING = "learning"
    WELLBEING = "wellbeing"


class Method(StrEnum):
    """How items make a score."""

    SUM = "sum"
    MEAN = "mean"


class Better(StrEnum):
    """Which way a score goes as things get better."""

    LOWER = "lower"
    HIGHER = "higher"


class PackInvalid(Exception):
    """Everything that is wrong with packs, a line each."""

    def __init__(self, problems: Collection[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Pack(BaseModel):
    """How one instrument is scored.

    `versions` are those of the form that it holds for (none named: all). An item has whole values from `low` to `high`;
    those of `reversed` count from the other end. `items` make the total, if there is one, and each of `subscales` a
    score of its own. `count` is how many items there are, needed where some are NUMBERED. `answered` is the least share
    of them; a sum with gaps is their mean times all items where it is `prorated`, and else none. `cutoffs` are the
    scores from which on a name holds, `change` is the least that matters to a person, `reliability` a coefficient by
    subscale. `measures` is `construct` in its file; `validated` says whether studies have tested it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    title: Said
    measures: Construct = Field(alias="construct")
    versions: tuple[Said, ...] = ()
    low: int
    high: int
    items: tuple[Item, ...] = ()
    subscales: dict[Name, tuple[Item, ...]] = Field(default={}, validate_default=True)
    count: int | None = Field(default=None, ge=1, validate_default=True)
    reversed: tuple[Item, ...] = ()
    method: Method
    prorated: bool = False
    answered: Share = Decimal("0.8")
    better: Better
    cutoffs: dict[Name, Decimal] = {}
    change: Positive | None = None
    reliability: dict[str, Share] = {}
    licence: Said
    source: Said
    validated: bool

    @field_validator("high")
    @classmethod
    def _reaches(cls, high: int, info: ValidationInfo) -> int:
        if high <= info.data.get("low", high - 1):
            raise ValueError("must be above low")
        return high

    @field_validator("subscales")
    @classmethod
    def _asks_something(cls, subscales: dict[str, tuple[str, ...]], info: ValidationInfo) -> dict[str, tuple[str, ...]]:
        groups = [info.data.get("items", ("?",)), *subscales.values()]
        if not any(groups):
            raise ValueError("there are no items: name them in items or in subscales")
        if any(len(set(group)) < len(group) for group in groups):
            raise ValueError("an item is named twice")
        return subscales

    @field_validator("count")
    @classmethod
    def _counts(cls, count: int | None, info: ValidationInfo) -> int | None:
        named = _named(info.data)
        if any(item.endswith(NUMBERED) for item in named):
            if count is None:
                raise ValueError(f"is missing: items that end in {NUMBERED} do not say how many they are")
        elif count is not None and named and count != len(named):
            raise ValueError(f"is {count}, and {len(named)} items are named")
        return count

    @field_validator("reversed")
    @classmethod
    def _reverses_its_own(cls, turned: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if strange := sorted(set(turned) - _named(info.data)):
            raise ValueError(f"is no item: {', '.join(strange)}")
        return turned

    @field_validator("method")
    @classmethod
    def _adds_up_what_it_can_count(cls, method: Method, info: ValidationInfo) -> Method:
        if method is Method.SUM and any(item.endswith(NUMBERED) for item in _named(info.data)):
            raise ValueError(f"a sum needs all items by name, without {NUMBERED}")
        return method

    @field_validator("reliability")
    @classmethod
    def _is_of_its_own(cls, value: dict[str, Decimal], info: ValidationInfo) -> dict[str, Decimal]:
        if strange := sorted(set(value) - {TOTAL, *info.data.get("subscales", value)}):
            raise ValueError(f"is no subscale: {', '.join(strange)}")
        return value

    @cached_property
    def scales(self) -> Mapping[str, tuple[str, ...]]:
        """The items of each score by its subscale; that of all items is TOTAL."""
        return {**({TOTAL: self.items} if self.items else {}), **self.subscales}

    @cached_property
    def named(self) -> frozenset[str]:
        """Its items, as it names them."""
        return frozenset(item for items in self.scales.values() for item in items)

    @property
    def size(self) -> int:
        """How many items there are."""
        return self.count or len(self.named)

    def knows(self, name: str) -> bool:
        """Whether that is the name of one of its items."""
        return any(is_item(name, item) for item in self.named)

    def is_whole(self, names: Collection[str]) -> bool:
        """Whether all of its items are among these."""
        return sum(map(self.knows, names)) == self.size

    def holds_for(self, version: str) -> bool:
        """Whether it says how that version of the form is scored."""
        return not self.versions or version in self.versions

    def span(self, subscale: str = TOTAL) -> tuple[Decimal, Decimal]:
        """The lowest and the highest score that there can be. Raises KeyError for a subscale that is not its own."""
        times = len(self.scales[subscale]) if self.method is Method.SUM else 1
        return Decimal(self.low * times), Decimal(self.high * times)

    def turned(self, item: str, value: Decimal) -> Decimal:
        """The value as it counts: from the other end of the range where the item is reversed."""
        return self.low + self.high - value if any(is_item(item, one) for one in self.reversed) else value

    def gain(self, before: Decimal, after: Decimal) -> Decimal:
        """By how much things got better: above zero is for the better, whichever way the score goes."""
        return after - before if self.better is Better.HIGHER else before - after

    def least_change(self, subscale: str = TOTAL, *, deviation: float | None = None) -> float | None:
        """The gain from which on a change is more than a wobble; None where it is not known.

        It is the least that matters to a person, or else the reliable change, 1.96 · s · √(2 · (1 − r)), from the
        standard deviation of the first scores, if they deviate at all.
        """
        if self.change is not None:
            return float(self.change)
        reliability = self.reliability.get(subscale)
        if reliability is None or not deviation:
            return None
        return CONFIDENT * deviation * sqrt(2 * (1 - reliability))


def _named(fields: Mapping[str, Any]) -> set[str]:
    return {item for items in (fields.get("items", ()), *fields.get("subscales", {}).values()) for item in items}


def is_item(name: str, item: str) -> bool:
    """Whether a question of that name is this item, or one of those that are NUMBERED so."""
    return name == item or (
        item.endswith(NUMBERED) and name.startswith(item[:-1]) and name[len(item) - 1 :].isdecimal()
    )


def read_pack(text: str, *, told_of: str) -> Pack:
    """The pack that a file says. Raises PackInvalid with all that is wrong with it."""
    try:
        return Pack.model_validate(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        raise PackInvalid([f"{told_of}: is not TOML: {error}"]) from None
    except ValidationError as error:
        raise PackInvalid([f"{told_of}: {_fault(one)}" for one in error.errors()]) from None


def _fault(fault: ErrorDetails) -> str:
    path = ".".join(str(part + 1) if isinstance(part, int) else part for part in fault["loc"])
    return f"{path}: {_FAULTS.get(fault['type'], fault['msg'].removeprefix('Value error, '))}"
