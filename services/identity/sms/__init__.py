"""Sending text messages: a sink per provider behind one small protocol.

Messages wait in a table of their own and are sent by a timer after the commit that caused them,
so none is sent for a transaction that was rolled back, and a slow provider holds up no login.

``file`` development · ``http`` an own relay, or any provider behind one · ``tencent`` Tencent Cloud
"""

from services.identity.sms.file import FileSink
from services.identity.sms.http import HttpSink
from services.identity.sms.sink import NotDelivered, SmsSink
from services.identity.sms.tencent import TencentSink

__all__ = ["FileSink", "HttpSink", "NotDelivered", "SmsSink", "TencentSink"]
