"""How Alembic runs a step: on the connection that it is handed, in that connection's own transaction.

* The whole way from the old schema to the new one is one transaction: it happens or it does not.
"""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from storage.schema import Instant, Sealed, metadata


def _rendered(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Steps name SQLAlchemy's own types: a type of ours could change under them."""
    if kind == "type" and isinstance(item, Sealed):
        return "sa.LargeBinary()"
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=_rendered,
    transactional_ddl=True,
)
context.run_migrations()
