"""How it is said: the chassis that every service stands on. No domain word in here.

Two worlds meet in this package and must not be mixed in one process:

* **green** — ``service worker together chassis upkeep nameko_bridge publishing relay health
  runner`` run under eventlet in the services; ``runner`` patches the standard library before
  anything else is imported;
* **plain** — ``aio_link aio_rpc gathering`` run under asyncio in the gateway.

Everything else (``settings logs tokens pages uow call topology wire …``) is neutral. This module
imports nothing, so that importing the package never pulls in eventlet.
"""
