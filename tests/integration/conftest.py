"""What the integration tests stand on: the fixtures of `tests.support.world`, and a process that wastes no time."""

from tests.support.canaries import planted_home, planted_store
from tests.support.fieldwork import quickly
from tests.support.world import migrated_file, store

__all__ = ["migrated_file", "planted_home", "planted_store", "quickly", "store"]
