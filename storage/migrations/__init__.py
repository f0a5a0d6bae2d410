"""The steps that bring a database from any released schema to the present one.

* A step that was released is never edited; until the first release there is one step, drafted anew when the
  schema changes: `python -m storage.migrations.draft --anew`.
* A step spells out its tables: it must not change when `storage.schema` does.
"""
