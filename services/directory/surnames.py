"""Whom those see who only watch: a building and a surname, and no name that one goes by."""

_BEFORE = "老小阿"


def surname(display_name: str) -> str:
    """The surname as far as the shown name tells it; of a nickname its first sign.

    >>> surname("孙奶奶"), surname("老陆"), surname("Ann Lee"), surname("")
    ('孙', '陆', 'A', '')
    """
    name = display_name.strip()
    return name[1] if len(name) > 1 and name[0] in _BEFORE else name[:1]
