"""Receipts kept for a repeat of the same request, so that only who asked reads them.

::

    id     = HMAC(guard key of the poll's pair, person ‖ Idempotency-Key)      names nobody
    sealed = AES-256-GCM under HKDF(Idempotency-Key)      of the request's hash and the receipt

Neither the person nor the key is kept. The hash of the request would tell the choice to whoever
tries the three there are, so it is inside, too.
"""

import hmac
import json

from services.votes.crypto.keys import Pair, derived, sealed, unsealed


def answer_id(pair: Pair, poll_id: str, person_id: str, key: str) -> str:
    """Under which an answer is found again by the same person with the same key."""
    text = f"{poll_id} {person_id} {key}".encode()
    return hmac.digest(pair.guarding("answers"), text, "sha256").hex()


def keep(answer: str, key: str, body_hash: str, receipt: str) -> str:
    """The receipt, for whoever comes with the same key again."""
    text = json.dumps([body_hash, receipt]).encode()
    return sealed(_key(answer, key), text, answer)


def recall(answer: str, key: str, kept: str) -> tuple[str, str]:
    """The hash of the first request, and its receipt.

    Raises:
        ValueError: it was altered.
    """
    body_hash, receipt = json.loads(unsealed(_key(answer, key), kept, answer))
    return body_hash, receipt


def _key(answer: str, key: str) -> bytes:
    return derived(key.encode(), "shequtong answer 1", salt=bytes.fromhex(answer))
