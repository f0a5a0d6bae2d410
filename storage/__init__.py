"""The outcome store: one schema for SQLite and PostgreSQL, what is written in one commit, and what is encrypted at
rest."""
