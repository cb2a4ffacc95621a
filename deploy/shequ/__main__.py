"""``python -m deploy.shequ``."""

import typer

from deploy.shequ import classifier, community, grid, keys, sheet

app = typer.Typer(
    name="shequ",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback with locals would show personal data
    help="社区通 for the operator.",
)
community.app.add_typer(sheet.app, name="sheet")
app.add_typer(community.app, name="community")
app.add_typer(keys.app, name="keys")
app.add_typer(grid.app, name="grid")
app.add_typer(classifier.app, name="classifier")


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
