"""People's spreadsheets, read into typed rows.

* Pure functions over bytes: nothing here touches a disk, a clock or the database.
* Every problem of a file is found in one reading, with the line and column that its author sees in Excel.
* No message repeats what a cell says of a person.
"""
