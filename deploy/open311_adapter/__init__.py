"""The second way to a city's system: work orders become requests of a GeoReport v2 server.

It stands in the grid platform's place at the border and keeps its desk: the same queue and
exchange, the same state file, the same table of states (:mod:`deploy.grid_platform`). What is its
own is the other side: sending requests, asking for their state, and what GeoReport cannot say.
See ``docs/how-to/open311.md``.
"""
