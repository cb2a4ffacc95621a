"""Before personal data leaves the database: why, under which password, and are you sure."""

import sys
from pathlib import Path

import typer

from deploy.shequ.archive import SHORTEST_PASSWORD, new_password
from deploy.shequ.where import console


class NotSure(ValueError):
    """Something that must be said was not said."""


def require_purpose(purpose: str) -> None:
    """Raise unless there is a purpose: everybody concerned will read it (PIPL art. 17)."""
    if not 2 <= len(purpose.strip()) <= 200:
        raise NotSure("personal data leaves for a stated purpose: --purpose TEXT (2 to 200 signs)")


def password(file: Path | None, *, make_up: bool) -> str:
    """The zip's password: out of a file, made up, or asked for twice.

    Raises:
        NotSure: too short, not the same twice, or nobody is there to be asked.
    """
    if make_up:
        made = new_password()
        console.print(f"password of the zip, shown once and kept nowhere: {made}", markup=False)
        return made
    if file is not None:
        given = file.read_text().strip()
    elif sys.stdin.isatty():
        given = typer.prompt("password of the zip", hide_input=True)
        if typer.prompt("once more", hide_input=True) != given:
            raise NotSure("the two passwords are not the same")
    else:
        raise NotSure("the zip needs a password: --password-file or --new-password")
    if len(given) < SHORTEST_PASSWORD:
        raise NotSure(f"a password of {SHORTEST_PASSWORD} characters at least, please")
    return given


def confirm(name: str) -> None:
    """Ask for the community's name; nobody ends one by a slip of the finger."""
    if not sys.stdin.isatty():
        raise NotSure("nobody is there to confirm: --yes")
    if typer.prompt(f"type the community's name to end it ({name})").strip() != name:
        raise NotSure("that is another name; nothing was done")
