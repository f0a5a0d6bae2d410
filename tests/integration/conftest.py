"""What the integration tests stand on: the fixtures of `tests.support.world`, in a process that wastes no time."""

from tests.support.fieldwork import quickly
from tests.support.world import migrated_file, store

__all__ = ["migrated_file", "quickly", "store"]
