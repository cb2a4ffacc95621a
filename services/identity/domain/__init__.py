"""The rules of identity: pure functions and values, no database, no clock, no framework."""
