"""An external verifier of who somebody is: 国家网络身份认证, by 网号 and 网证.

::

    credential ──POST──▶ {"result": "verified", "pseudonym": "…"}     the same person, the same id
                         {"result": "refused"}                        expired, used, not ours

Measures for the national network identity service (公安部令第173号, in force since 2025-07-15):
using it is free, whoever does must not be asked for name or number as well (art. 7), and gets the
same service. So nothing but the pseudonymous id comes back and is kept, as a blind index. The
adapter speaks to a relay at the district's access point, which holds the certificates.
"""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from services.contracts.errors import FieldError, Invalid, RuleBroken, Unavailable
from services.kit import logs

log = logs.get(__name__)

NETWORK_IDENTITY: Final = "network_identity"
TIMEOUT_SECONDS: Final = 3.0
LONGEST_PSEUDONYM: Final = 200
_LARGEST_ANSWER: Final = 10_000


class VerifierOff(RuleBroken):
    """This installation has no external verifier."""

    code = "identity.verifier_off"
    zh = "本平台未接入国家网络身份认证，请填写姓名和证件号码"
    en = "Network identity is not available here; please give name and ID number"


class CredentialRefused(Invalid):
    """The verifier does not vouch for the credential."""

    code = "identity.credential_refused"
    zh, en = "网络身份凭证无效或已过期", "The network credential is not valid any more"


class VerifierAway(Unavailable):
    """The verifier does not answer, or not to us; nothing was stored."""

    code = "identity.verifier_away"
    zh, en = (
        "国家网络身份认证暂时无法使用，请稍后再试",
        "The verifier is away; please try again soon",
    )


class Verifier(Protocol):
    """Somebody who knows people by a credential; ``name`` says who, to committee and ledger."""

    @property
    def name(self) -> str: ...

    def verify(self, credential: str) -> str:
        """The pseudonymous id of the person, the same each time, and nothing else.

        Raises:
            CredentialRefused: the credential does not count.
            VerifierAway: it cannot be asked now.
        """


@dataclass(frozen=True, slots=True)
class Nobody:
    """No verifier is set up."""

    name: str = ""

    def verify(self, credential: str) -> str:  # noqa: ARG002
        """Raise :class:`VerifierOff`."""
        raise VerifierOff(errors=[FieldError("network_credential", VerifierOff.zh)])


NOBODY: Final = Nobody()


@dataclass(frozen=True, slots=True)
class HttpVerifier:
    """The relay's HTTP door; ``secret`` goes along as bearer token."""

    url: str
    secret: str = field(repr=False)
    timeout: float = TIMEOUT_SECONDS
    name: str = NETWORK_IDENTITY

    def verify(self, credential: str) -> str:
        """Ask; whatever the answer says besides the id is not looked at."""
        answer = self._ask(credential)
        if answer.get("result") == "refused":
            raise CredentialRefused(errors=[FieldError("network_credential", CredentialRefused.zh)])
        pseudonym = answer.get("pseudonym")
        if (
            answer.get("result") != "verified"
            or not isinstance(pseudonym, str)
            or not 1 <= len(pseudonym) <= LONGEST_PSEUDONYM
        ):
            raise _away("not an answer of a verifier")
        return pseudonym

    def _ask(self, credential: str) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - settings allow https and loopback alone
            self.url,
            json.dumps({"credential": credential}).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self.secret}"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                found = json.loads(answer.read(_LARGEST_ANSWER))
        except urllib.error.HTTPError as error:
            error.close()
            raise _away(f"status {error.code}") from None
        except (OSError, ValueError) as error:
            raise _away(type(error).__name__) from None
        if not isinstance(found, dict):
            raise _away("not an answer of a verifier")
        return found


def _away(why: str) -> VerifierAway:
    log.warning("verifier away", reason=why)
    return VerifierAway(retry_after=30)
