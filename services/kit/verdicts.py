"""Small words between handlers and the kit."""


class Reject(Exception):
    """This event can never be handled: straight to the dead-letter queue, with the reason."""


class JsonText(str):
    """An answer that is finished JSON text already; it travels without being parsed again."""
