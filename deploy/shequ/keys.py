"""``shequ keys``: the commands of identity that change keys, where the settings are known."""

from typing import Annotated

import typer

from deploy.shequ.where import settled

app = typer.Typer(no_args_is_help=True, help="Keys: of access tokens, and of the data at rest.")


@app.command("rotate-token")
def rotate_token() -> None:
    """A new key signs access tokens; the old one counts until its tokens have run out."""
    from services.identity import token_keys

    with settled():
        token_keys.rotate_command()


@app.command()
def rekey(
    indexes: Annotated[
        bool, typer.Option("--indexes", help="the blind indexes; identity must be stopped")
    ] = False,
) -> None:
    """Seal everything anew with the active data key, while identity runs."""
    from services.identity import rekey

    with settled():
        rekey.main(indexes)
