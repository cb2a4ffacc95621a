"""How many filters somebody keeps."""

from typing import Final

from services.contracts.errors import Conflict, NotFound

MOST: Final = 20  # of one list


class TooManyFilters(Conflict):
    """Somebody keeps as many of this list as there is room for."""

    code = "identity.too_many_filters"
    zh, en = f"最多存 {MOST} 个，请先删掉不用的", f"At most {MOST} can be kept: drop one first"


class FilterNotFound(NotFound):
    """There is no such filter, or it is somebody else's."""

    code = "identity.filter_not_found"
    zh, en = "没有找到这个筛选", "There is no such filter"
