"""One file a step, in the order of their numbers; `python -m storage.migrations.draft` writes the next one."""
