"""The rules of what neighbours share. Pure: no database, no clock, no framework."""
