"""The conversations of staff."""
