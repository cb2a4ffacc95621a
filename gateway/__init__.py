"""One door: JSON API, web pages, live stream, uploads. It knows shapes and sessions, not rules.

::

    request ─▶ edge (id, log, headers, limits of size and time)
                 └▶ operation: 401 ─▶ 403 ─▶ 429 ─▶ 400/413/415/422 ─▶ 404 ─▶ 501
                      └▶ backend ─RPC▶ service ─▶ finished JSON ─▶ bytes of the response

Everything here is asyncio. No database, no eventlet; of ``services`` it imports the contracts and
the asyncio-safe modules of the kit.
"""
