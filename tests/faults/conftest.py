"""What the tests with faults stand on: a process that wastes no time."""

from tests.support.fieldwork import quickly

__all__ = ["quickly"]
