"""Retention: whoever was erased is gone for good once her time is over, and what was kept to account for it, too.

* Where nothing is due this costs two looks at an index, and writes nothing.
"""

from __future__ import annotations

from storage import deletion
from storage.database import Database
from storage.deletion import Kept


async def keep(database: Database, kept: Kept) -> int:
    """Delete and forget what is due; returns of how many women."""
    async with database.read() as tx:
        anything = await deletion.due(tx, kept) or await deletion.accounted(tx, kept)
    done = 0
    if anything:
        async with database.transact() as tx:
            done = await deletion.carry_out_due(tx, kept) + await deletion.forget(tx, kept)
    await deletion.shrink(database)
    return done
