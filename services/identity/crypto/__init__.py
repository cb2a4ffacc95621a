"""Personal data at rest: sealed envelopes, and blind indexes to find them by.

::

    envelope   <algorithm> . <key id> . <base64url(nonce ‖ ciphertext ‖ tag)>
    index      base64url(MAC(index key, purpose ‖ 0 ‖ value)), once more for each later index key

The envelope names its algorithm and key, so that keys rotate and algorithms stand side by side:
``A256GCM`` (AES-256-GCM, NIST SP 800-38D) and ``SM4GCM`` (GB/T 32907 in GCM, as RFC 8998 has it),
each key for one of them alone. What was sealed for one purpose and owner opens for no other: a
ciphertext copied into somebody else's row is worth nothing. A blind index (HMAC with SHA-256, or
with SM3, GB/T 32905) answers "is there a row with this value" and nothing else; without the key
it cannot be tried out.

``algorithms`` ciphers and MACs · ``vault`` sealing, opening, indexes · ``key_file`` the file, read
again when it changes · ``index_guard`` no process works with other indexes than the database has
"""

from services.identity.crypto.key_file import KeyFile, key_file, vault
from services.identity.crypto.vault import BrokenSeal, Vault

__all__ = ["BrokenSeal", "KeyFile", "Vault", "key_file", "vault"]
