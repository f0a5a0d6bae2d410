"""The definitions as a whole: complete, in the order of the contract, and named in every catalogue."""

from dataclasses import fields
from typing import get_args

import pytest

from bot.cli.commands_outcomes import Base
from locales.catalog import load_catalog
from storage.outcomes.definitions import CAVEAT_KEYS, DEFINITIONS, LABEL_KEYS, SAME_WOMEN, Definition
from storage.outcomes.figures import Asked, Figure

IDS = ["F1", "F2", "F3", "F4", "F5a", "F5b", "F5c", "F6", "F7", "F7b", "F8", "F9", "F10", "F11"]


def test_they_stand_in_the_order_of_the_contract() -> None:
    assert [one.id for one in DEFINITIONS] == IDS


@pytest.mark.parametrize("one", DEFINITIONS, ids=lambda one: one.id)
def test_each_says_in_words_whom_it_counts(one: Definition) -> None:
    assert one.counts
    assert bool(one.eligible) == bool(one.base) == (not one.is_count)


@pytest.mark.parametrize("language", ["es", "en"])
def test_each_has_a_label_of_its_own_and_a_caveat(language: str) -> None:
    catalog = load_catalog()
    labels = [catalog.text(LABEL_KEYS[id_], language) for id_ in IDS]
    assert len(set(labels)) == len(IDS)
    assert all(catalog.text(CAVEAT_KEYS[id_], language) for id_ in IDS)


def test_options_are_what_can_be_asked() -> None:
    known = {column.name for column in fields(Asked)}
    assert {option for one in DEFINITIONS for option in one.options} <= known
    assert set(get_args(Base)) == {base for one in DEFINITIONS if len(one.bases) > 1 for base in one.bases}


def test_numbers_that_are_linked_are_numbers_of_figures() -> None:
    parts = {column.name for column in fields(Figure)}
    assert all(id_ in IDS and part in parts for link in SAME_WOMEN for id_, part in link)
