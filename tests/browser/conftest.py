"""What tests in a browser share."""

from tests.support.world import migrated_file, store

__all__ = ["migrated_file", "store"]
