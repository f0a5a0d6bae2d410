"""What commands print for programs: one JSON value, times in ISO 8601."""

from __future__ import annotations

import orjson
import typer


def print_json(value: object) -> None:
    """Print one value as JSON."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode())
