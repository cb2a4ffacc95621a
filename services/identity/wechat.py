"""WeChat's side of a log-in: the code that the app was given becomes an ``openid``.

OAuth 2.0 as WeChat has it (网页授权 and 移动应用): GET ``/sns/oauth2/access_token`` with app id,
secret and code answers ``{"openid": …}``, or ``{"errcode": …}`` with status 200. Nothing else of
the answer is used or kept: no profile, no token of WeChat's. Source: the "access_token" pages of
developers.weixin.qq.com.
"""

import json
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from services.contracts.errors import NotFound, Unauthenticated, Unavailable
from services.kit import logs

log = logs.get(__name__)

URL: Final = "https://api.weixin.qq.com"
TIMEOUT_SECONDS: Final = 3.0
# The code's own fault: invalid, used, missing. Everything else is WeChat's, or our settings'.
_CODE_FAULTS: Final = frozenset({40029, 40163, 41008})


class WechatOff(NotFound):
    """This installation has no WeChat app."""

    code = "identity.wechat_off"
    zh, en = "本平台未开通微信登录", "Logging in by WeChat is not available here"


class WechatCodeWrong(Unauthenticated):
    """WeChat does not know the code, or it was used."""

    code = "identity.wechat_code_wrong"
    zh, en = "微信授权已失效，请重新授权", "WeChat's code is no longer valid; please try again"


@dataclass(frozen=True, slots=True)
class Wechat:
    """An app at WeChat; without ``app_id`` there is none."""

    app_id: str = ""
    secret: str = field(default="", repr=False)
    url: str = URL
    timeout: float = TIMEOUT_SECONDS

    def openid(self, code: str) -> str:
        """Who the code stands for; the same person has another openid in another app.

        Raises:
            WechatOff: no app is set up.
            WechatCodeWrong: WeChat refuses the code.
            Unavailable: WeChat is away, or refuses us.
        """
        if not self.app_id:
            raise WechatOff()
        query = urlencode(
            {
                "appid": self.app_id,
                "secret": self.secret,
                "code": code,
                "grant_type": "authorization_code",
            }
        )
        answer = self._get(f"{self.url.rstrip('/')}/sns/oauth2/access_token?{query}")
        if answer.get("errcode") in _CODE_FAULTS:
            raise WechatCodeWrong()
        openid = answer.get("openid")
        if not isinstance(openid, str) or not openid:
            log.error("wechat refuses us", errcode=answer.get("errcode"))
            raise Unavailable(retry_after=5)
        return openid

    def _get(self, url: str) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(url, timeout=self.timeout) as answer:  # noqa: S310
                found = json.loads(answer.read(100_000))
        except (OSError, ValueError) as error:  # the address holds the secret: it is not told
            log.warning("wechat away", error=type(error).__name__)
            raise Unavailable(retry_after=5) from None
        return found if isinstance(found, dict) else {}
