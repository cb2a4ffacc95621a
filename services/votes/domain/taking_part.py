"""Who takes part in what neighbours decide among themselves."""

from services.contracts.errors import Forbidden


class NotForChildren(Forbidden):
    """A child below 14 speaks through the guardian and is on nobody's roll."""

    code = "votes.not_for_children"
    zh, en = "未满14周岁的儿童不能参与这一项", "Children below 14 do not take part in this"
