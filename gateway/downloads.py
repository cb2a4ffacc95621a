"""A file that somebody asked for, to keep: under a name that people read, and in no cache."""

from urllib.parse import quote

from starlette.responses import Response


def attached(data: bytes, media_type: str, *, stem: str, plain: str, form: str) -> Response:
    """The file; ``plain`` is its stem for clients that know no other names (RFC 6266)."""
    return Response(
        data,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{plain}.{form}"; '
            f"filename*=UTF-8''{quote(f'{stem}.{form}', safe='')}",
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
