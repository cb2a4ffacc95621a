"""Covenants (公约): what was agreed, who keeps it, and what is done where it is not kept."""
