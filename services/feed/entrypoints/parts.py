"""What entrypoints take from their call."""

from services.kit.service import Call
from services.kit.uploads import Uploads


def uploads(call: Call) -> Uploads:
    """Where uploaded files lie."""
    return Uploads(call.settings)
