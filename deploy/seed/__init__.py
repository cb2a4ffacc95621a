"""The reference district in bulk: a whole district of made-up people in every service's database.

::

    frame: district, towns, offices ─▶ two processes, community by community ─▶ ANALYZE
                                          feed ∥ votes ∥ grid_bridge ∥ notify: copies, then identity

Written with COPY beside running services, and told to nobody: half a million events would say what
the copies hold already. The copies come first. Until identity knows a community nobody of it can
log in, so nothing newer can stand in a copy; and what identity knows is whole everywhere.
"""
