"""Posters: they scan, they read well, their text is text, and they come only to whom they may."""

import asyncio
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import zxingcpp
from fastapi import FastAPI
from PIL import Image, ImageFilter

from gateway.auth import ACCESS_COOKIE
from gateway.posters import FontMissing, Fonts, Words, draw, sheet
from gateway.posters.sheet import Box, Code, Line
from services.contracts.actor import Role
from services.contracts.errors import NotFound
from tests.gateway.asking import assert_problem
from tests.gateway.fakes import FakeRpc, FakeVerifier
from tests.support.pdfs import faults, text_of

URL = "https://shequ.example/j/AZmh0000cXAAkqX5Jd2WvLkJ9aM3-xQ1fTtY_w"
WORDS = Words("样例区 · 样例镇", "样例居民区", "样例苑", "3号楼", URL)
ANSWER = {
    "district": "样例区",
    "town": "样例镇",
    "community": "样例居民区",
    "estate": "样例苑",
    "building": "3号楼",
    "url": URL,
    "expires_at": None,
}


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return Fonts.find()


@pytest.fixture(scope="module")
def picture(fonts: Fonts) -> Image.Image:
    image = Image.open(io.BytesIO(draw(WORDS, "png", fonts)))
    image.load()
    return image


@pytest.fixture(scope="module")
def page(fonts: Fonts) -> bytes:
    return draw(WORDS, "pdf", fonts)


def scanned(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


# -- what is drawn --------------------------------------------------------------------------------


def test_the_picture_is_a4_at_300_dpi_and_its_code_scans(picture: Image.Image) -> None:
    assert picture.size == (2480, 3508)
    assert [round(x) for x in picture.info["dpi"]] == [300, 300]
    assert scanned(picture.convert("RGB")) == [URL]


def test_it_scans_in_grey_small_blurred_and_with_a_corner_scribbled_over(
    picture: Image.Image,
) -> None:
    poor = picture.convert("L").resize((620, 877)).filter(ImageFilter.GaussianBlur(1))
    poor.paste(128, (300, 330, 345, 375))
    assert scanned(poor) == [URL]


def test_the_paper_is_pure_white_and_nothing_comes_near_its_edge(picture: Image.Image) -> None:
    grey = picture.convert("L")
    drawn = grey.point(lambda value: 255 if value < 255 else 0).getbbox()
    assert drawn is not None
    millimetre = 300 / 25.4
    left, top, right, bottom = drawn
    assert min(left, top, 2480 - right, 3508 - bottom) > 10 * millimetre


def test_steps_are_large_enough_for_old_eyes_and_marks_stay_on_the_sheet(fonts: Fonts) -> None:
    marks = sheet.compose(WORDS, fonts)
    lines = {mark.text: mark for mark in marks if isinstance(mark, Line)}
    assert {"扫码", "填地址", "实名", "进入社区"} <= set(lines)
    for name, how in sheet.STEPS:
        assert lines[name].size >= 24
        assert lines[how].size >= 17
    for line in lines.values():
        face = fonts.bold if line.bold else fonts.regular
        wide = face.width(line.text) * line.size * sheet.POINT
        start = line.x - {"left": 0, "middle": wide / 2, "right": wide}[line.align]
        assert start >= sheet.MARGIN
        assert start + wide <= sheet.WIDTH - sheet.MARGIN + 0.01
    for box in (mark for mark in marks if isinstance(mark, Box)):
        assert box.y + box.height <= sheet.HEIGHT - 10


def test_the_code_has_a_quiet_zone_of_four_modules_within_its_frame(fonts: Fonts) -> None:
    (code,) = (m for m in sheet.compose(WORDS, fonts) if isinstance(m, Code))
    frame = next(m for m in sheet.compose(WORDS, fonts) if isinstance(m, Box) and m.line)
    widest = max(column for column, _ in code.dark) + 1
    assert code.x - frame.x >= 4 * code.module
    assert frame.x + frame.width - (code.x + widest * code.module) >= 4 * code.module
    assert widest * code.module > 80  # mm: scans from most of a metre


@pytest.mark.parametrize("length", [20, 60, 200])
def test_long_names_are_made_smaller_and_never_leave_their_place(fonts: Fonts, length: int) -> None:
    name = "长" * length
    words = Words("样例区 · 样例镇", name, name, "3号楼", "https://s.example/j/" + "x" * 300)
    for line in (m for m in sheet.compose(words, fonts) if isinstance(m, Line)):
        face = fonts.bold if line.bold else fonts.regular
        assert face.width(line.text) * line.size * sheet.POINT <= sheet.WIDTH - 2 * sheet.MARGIN + 1
        assert line.size >= 4
    assert scanned(Image.open(io.BytesIO(draw(words, "png", fonts))).convert("L")) == [words.url]


def test_a_code_that_expires_says_its_last_day_in_china() -> None:
    midnight = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert sheet.valid_until(midnight) == "有效期至 2026 年 12 月 31 日"
    assert sheet.valid_until(midnight.replace(hour=17)) == "有效期至 2027 年 1 月 1 日"
    assert sheet.valid_until(None) == ""


def test_the_page_holds_real_text_and_a_subset_of_the_font(page: bytes) -> None:
    assert page.startswith(b"%PDF-")
    assert len(page) < 100_000  # the font alone has 16 MB
    embedded = re.findall(rb"/BaseFont /([A-Z]{6}\+[\w-]+)", page)
    assert embedded
    assert page.count(b"/FontFile3") == 2
    assert b"/ToUnicode" in page


def test_text_can_be_searched_and_copied(page: bytes) -> None:
    text = text_of(page)
    for words in ("样例居民区", "样例苑3号楼", "填地址", "进入社区", "不会向您要密码", URL):
        assert words in text
    assert faults(page) == []


def test_the_board_downstairs_gets_the_same_sheet_on_a3(page: bytes, fonts: Fonts) -> None:
    large = draw(WORDS, "pdf", fonts, "a3")
    sizes = [re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", one) for one in (page, large)]
    (a4, a3) = ([round(float(n) / 72 * 25.4) for n in found.groups()] for found in sizes if found)
    assert (a4, a3) == ([210, 297], [297, 420])


def test_the_same_words_give_the_same_bytes(page: bytes, fonts: Fonts) -> None:
    assert draw(WORDS, "pdf", fonts) == page


def test_reduced_fonts_draw_the_very_same_picture(
    picture: Image.Image, fonts: Fonts, tmp_path: Path
) -> None:
    small = fonts.reduced(WORDS.text, tmp_path)
    again = Image.open(io.BytesIO(draw(WORDS, "png", small)))
    assert again.convert("RGB").tobytes() == picture.convert("RGB").tobytes()
    assert small.regular.path.stat().st_size < 100_000
    assert len(draw(WORDS, "pdf", small)) < 100_000


def test_a_setting_names_the_font_and_a_missing_one_is_said(tmp_path: Path, fonts: Fonts) -> None:
    named = Fonts.find(f"{fonts.bold.path}")
    assert named.regular == named.bold == fonts.bold
    with pytest.raises(FontMissing, match="fonts-noto-cjk"):
        Fonts.find(str(tmp_path / "none.ttc"))
    broken = tmp_path / "broken.ttc"
    broken.write_bytes(b"no font")
    with pytest.raises(FontMissing):
        Fonts.find(str(broken))


# -- how it is asked for --------------------------------------------------------------------------


@pytest.fixture
async def secretary(
    app: FastAPI, verifier: FakeVerifier, client_for: Callable[..., httpx.AsyncClient], rpc: FakeRpc
) -> Any:
    rpc.answers["poster_of"] = ANSWER
    async with client_for(app, verifier.token(Role.SECRETARY)) as client:
        yield client


@pytest.mark.parametrize(
    ("ending", "media_type", "begins"),
    [("png", "image/png", b"\x89PNG"), ("pdf", "application/pdf", b"%PDF-")],
)
async def test_the_committee_gets_the_poster_as_a_file_with_a_telling_name(
    secretary: httpx.AsyncClient, rpc: FakeRpc, ending: str, media_type: str, begins: bytes
) -> None:
    response = await secretary.get(f"/qr/TOKEN/poster.{ending}")

    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == media_type
    assert response.content.startswith(begins)
    assert "private" in response.headers["cache-control"]
    name = unquote(response.headers["content-disposition"].split("UTF-8''")[1])
    assert name == f"海报-样例居民区-样例苑-3号楼.{ending}"
    asked = rpc.last("poster_of")
    assert (asked.service, asked.kwargs) == ("identity", {"token": "TOKEN"})


async def test_the_link_of_a_page_works_with_the_cookie_alone(
    app: FastAPI, verifier: FakeVerifier, rpc: FakeRpc, client_for: Callable[..., httpx.AsyncClient]
) -> None:
    rpc.answers["poster_of"] = ANSWER
    async with client_for(app) as client:
        client.cookies.set(ACCESS_COOKIE, verifier.token(Role.SECRETARY))
        assert (await client.get("/qr/TOKEN/poster.pdf")).status_code == 200


async def test_another_format_is_refused_and_residents_get_none(
    secretary: httpx.AsyncClient, resident: httpx.AsyncClient, nobody: httpx.AsyncClient
) -> None:
    assert_problem(await secretary.get("/qr/TOKEN/poster.gif"), 404, "request.not_found")
    assert_problem(await resident.get("/qr/TOKEN/poster.png"), 403, "auth.forbidden")
    assert_problem(await nobody.get("/qr/TOKEN/poster.png"), 401, "auth.token_required")


async def test_what_identity_refuses_is_passed_on(
    secretary: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    class Revoked(NotFound):
        code = "identity.qr_revoked"

    rpc.answers["poster_of"] = Revoked()
    assert_problem(await secretary.get("/qr/TOKEN/poster.pdf"), 404, "identity.qr_revoked")


async def test_without_a_font_the_answer_says_which_package_is_missing(
    make_app: Callable[..., FastAPI],
    verifier: FakeVerifier,
    rpc: FakeRpc,
    client_for: Callable[..., httpx.AsyncClient],
    tmp_path: Path,
) -> None:
    rpc.answers["poster_of"] = ANSWER
    app = make_app(font=str(tmp_path / "none.ttc"))
    async with client_for(app, verifier.token(Role.SECRETARY)) as client:
        problem = assert_problem(
            await client.get("/qr/TOKEN/poster.png"), 503, "poster.font_missing"
        )
    assert "fonts-noto-cjk" in problem["detail"]


async def test_drawing_does_not_hold_up_the_event_loop(
    secretary: httpx.AsyncClient,
) -> None:
    """The loop goes on turning while the page is being made."""
    drawing = asyncio.create_task(secretary.get("/qr/TOKEN/poster.pdf"))
    turns = 0
    while not drawing.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert (await drawing).status_code == 200
    assert turns > 10
