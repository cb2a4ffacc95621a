"""What a notification is put into words with: a title and a body in each language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Title and body in one language; both are plain text."""

    title: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """The templates of one kind and variant."""

    zh: Words
    en: Words


def say(zh: str, en: str, zh_body: str = "", en_body: str = "") -> Wording:
    return Wording(Words(zh, zh_body), Words(en, en_body))
