"""What the transcripts stand on: the fixtures of `tests.support.world`."""

from tests.support.world import migrated_file, store

__all__ = ["migrated_file", "store"]
