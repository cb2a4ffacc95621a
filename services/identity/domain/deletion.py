"""What a deleted account is called, and which accounts nobody has to ask to have deleted.

An office is no reason to keep somebody's data (PIPL art. 47): a secretary leaves like everybody,
and the town appoints another. The last administrator of a district alone has to appoint a
successor first (``domain.roles``), for above a district nobody here could.

Whoever has no phone cannot be sent a code, so she tells the committee: it ends her membership,
with her wish as the reason. An account that nobody can log in to is of no use without one. It
goes by itself after a month, in which a helper can still ask to join another community for her.
"""

from datetime import timedelta
from typing import Final

UNREACHABLE_KEPT: Final = timedelta(days=30)
DELETED_NAME: Final = "已注销用户"
