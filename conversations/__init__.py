"""The interview engine: pure functions from a session and an event to a session and effects.

No I/O, no clock, no logging, no Telegram, no SQL.
"""
