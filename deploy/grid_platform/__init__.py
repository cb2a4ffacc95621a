"""The grid-management platform's side of the wire (网格化管理平台): a reference consumer.

An engineer of the city's platform reads this folder, or copies it: it stands alone (nothing is
imported from the rest of the project) and needs pika, pydantic, typer, rich, structlog and
prometheus-client. Start with ``README.md``; the life of a work order is the table in
:mod:`.domain`, what travels is in :mod:`.messages`, how it travels in :mod:`.wire`.
"""
