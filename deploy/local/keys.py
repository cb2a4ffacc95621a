"""The keys of a local installation, made once: `var/keys` (mode 700), each file mode 600.

token.jwk.json   private JWK set (Ed25519) that signs access tokens; identity alone reads it
jwks.json        its public half, for everybody
data.keys.json   keys that encrypt personal data, and the blind index's key; identity alone
push.key         key that signs what is pushed to browsers; notify's sender alone
votes.keys.json  keys that sign the ledgers of polls and guard their ballots; votes alone
grid.key         API key with which the grid platform uploads result photos
upload.secret    HMAC key of signed download addresses and web sessions
pg.<role>        database passwords
"""

import base64
import json
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import KeySet, OKPKey

from deploy.local.system import secret_file

TOKEN_KEY, PUBLIC_KEYS, DATA_KEYS, VOTES_KEYS, PUSH_KEY, UPLOAD_SECRET, GRID_KEY = (
    "token.jwk.json",
    "jwks.json",
    "data.keys.json",
    "votes.keys.json",
    "push.key",
    "upload.secret",
    "grid.key",
)


def make_keys(folder: Path) -> None:
    """Make what is missing; what is there is never touched: data was encrypted with it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    private = secret_file(folder / TOKEN_KEY, _new_token_key)
    public = KeySet.import_key_set(json.loads(private)).as_dict(private=False)
    (folder / PUBLIC_KEYS).write_text(json.dumps(public))
    secret_file(folder / DATA_KEYS, _new_data_keys)
    secret_file(folder / VOTES_KEYS, new_votes_keys)
    secret_file(folder / PUSH_KEY, new_push_key)
    secret_file(folder / UPLOAD_SECRET, lambda: secrets.token_urlsafe(48))
    secret_file(folder / GRID_KEY, lambda: secrets.token_urlsafe(48))


def _new_token_key() -> str:
    key = OKPKey.generate_key("Ed25519", {"use": "sig"}, private=True, auto_kid=True)
    return json.dumps({"keys": [key.as_dict(private=True)]})


def _new_data_keys() -> str:
    """AES-256 keys by id, which of them encrypts now, and the key of the blind index."""
    first = f"k{secrets.token_hex(4)}"
    return json.dumps({"active": first, "keys": {first: _random_key()}, "index_key": _random_key()})


def new_votes_keys() -> str:
    """A key file for votes, with one pair."""
    first = f"v{secrets.token_hex(4)}"
    pair = {"sign": _random_key(), "guard": _random_key()}
    return json.dumps({"active": first, "keys": {first: pair}})


def new_push_key() -> str:
    """A private key of P-256 (RFC 8292), base64url of its 32 bytes."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
