"""`python -m deploy.demo`: both stories, or one of them, against a running system."""

from typing import Annotated

import httpx
import typer
from rich.console import Console

from deploy.client import Client, Problem
from deploy.demo import article, journey
from deploy.demo.narrator import Narrator, StoryBroken
from deploy.demo.system import running
from deploy.local.system import NotReady

STORIES = {"journey": journey.tell, "article": article.tell}
PATIENCE = 10.0  # seconds for which a service may be away


def main(
    story: Annotated[list[str] | None, typer.Argument(help="journey, article")] = None,
    url: Annotated[str, typer.Option(help="another system than this checkout's")] = "",
) -> None:
    """Tell the stories; exit 1 when one breaks."""
    console = Console()
    if unknown := set(story or ()) - STORIES.keys():
        raise typer.BadParameter(f"no story {', '.join(unknown)}; there are: {', '.join(STORIES)}")
    try:
        with running(console, url) as address, Client(address, patience=PATIENCE) as api:
            narrator = Narrator(console)
            for name in story or STORIES:
                STORIES[name](api, narrator)
    except (StoryBroken, Problem, NotReady, httpx.TransportError) as problem:
        console.print(f"\n[red]✗[/red] {type(problem).__name__}: ", end="")
        console.print(str(problem), markup=False, highlight=False)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


if __name__ == "__main__":
    typer.run(main)
