"""What one writes with FastAPI alone: the same bytes to anybody, beside the kept page."""

import os
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.responses import Response

BODY = Path(os.environ["BARE_BODY"]).read_bytes()
app = FastAPI()


@app.get("/api/v1/communities/{cid}/posts")
async def list_posts(cid: str) -> Response:
    """The page."""
    return Response(BODY, media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(os.environ["SHEQU_PORT"]),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
    )
