"""What a deleted account is called.

An office is no reason to keep somebody's data (PIPL art. 47): a secretary leaves like everybody,
and the town appoints another. The last administrator of a district alone has to appoint a
successor first (``domain.roles``), for above a district nobody here could.
"""

from typing import Final

DELETED_NAME: Final = "已注销用户"
