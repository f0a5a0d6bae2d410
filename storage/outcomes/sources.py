"""What the files are called that rows of the outcome store came from.

* A name is sealed, as whoever named the file may have written a woman's into it.
"""

from __future__ import annotations

from sqlalchemy import select

from storage.database import Tx
from storage.schema import imports
from storage.vault import Place


async def file_names(tx: Tx) -> dict[int, str]:
    """The name of each file that was imported, by the number of its import."""
    rows = await tx.run(select(imports.c.id, imports.c.file_name))
    return {row.id: tx.vault.open_text(Place("imports", "file_name", row.id), row.file_name) or "" for row in rows}
