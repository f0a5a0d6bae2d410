"""The files for a server name what there is: settings, metrics and rooms."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import PREFIX, Settings
from bot.status import told_of
from bot.tally import Tally
from storage import vitals
from tests.support.world import Store

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "docs" / "server"
NAMED = re.compile(r"\bhilo_[a-z_]+|\bprocess_[a-z_]+")
SETTING = re.compile(rf"\b{PREFIX}([A-Z_]+)\b")


@pytest.fixture
async def samples(store: Store) -> set[str]:
    """The name of each sample that an installation tells that has made a backup and refused something."""
    tally = Tally()
    tally.calls["getMe", "ok"] += 1
    async with store.database.read() as tx:
        seen = await vitals.look(tx)
    whole = vitals.Vitals(
        **{name: getattr(seen, name) for name in seen.__slots__}
        | {"backup_at": seen.at, "turned_away": {vitals.What.MALFORMED: 1}}
    )
    return {one.name for family in told_of(whole, tally) for one in family.samples}


def expressions(found: Any) -> list[str]:
    """Every `expr` in it, however deep."""
    if isinstance(found, dict):
        return [found["expr"]] if "expr" in found else [one for each in found.values() for one in expressions(each)]
    return [one for each in found for one in expressions(each)] if isinstance(found, list) else []


@pytest.mark.parametrize("file", ["alerts.yaml", "dashboard.json"])
def test_alerts_and_dashboard_ask_for_what_is_told(file: str, samples: set[str]) -> None:
    text = (SERVER / file).read_text(encoding="utf-8")
    asked = expressions(yaml.safe_load(text) if file.endswith(".yaml") else json.loads(text))
    assert len(asked) > 10
    unknown = {name for each in asked for name in NAMED.findall(each)} - samples - {"process_resident_memory_bytes"}
    assert not unknown


@pytest.mark.parametrize("file", ["Dockerfile", "compose.yaml", "docs/server/hilo.service", "docs/server.md"])
def test_every_setting_named_there_is_one(file: str) -> None:
    named = {name.lower() for name in SETTING.findall((ROOT / file).read_text(encoding="utf-8"))}
    assert named
    assert named <= set(Settings.model_fields)


def test_the_image_copies_every_room_and_nothing_that_is_ones_own() -> None:
    copied = set(re.findall(r"^COPY (?!--)(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    assert copied >= {"bot", "conversations", "locales", "scheduler", "storage"}
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert let_in >= copied - {"pyproject.toml", "README.md", "LICENSE"}
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"
