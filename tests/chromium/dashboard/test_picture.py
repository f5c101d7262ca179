"""The pictures of README are taken in both themes, and as sharp as they should be."""

import pytest
from playwright.async_api import Browser, StorageState

from tests.chromium.dashboard.picture import SHARP, SIZE, THEMES, picture_of
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_picture_is_a_sharp_webp_and_each_theme_has_its_own(
    chromium: Browser, shown: Server, signed_in: StorageState
) -> None:
    taken = [await picture_of(chromium, shown, signed_in, theme) for theme in THEMES]
    assert [size_of(picture) for picture in taken] == [(SIZE["width"] * SHARP, SIZE["height"] * SHARP)] * 2
    assert taken[0] != taken[1]


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height of a WebP, from the chunk that Chromium begins it with: each less one, in three bytes."""
    assert (picture[:4], picture[8:16]) == (b"RIFF", b"WEBPVP8X")
    width, height = (int.from_bytes(picture[at : at + 3], "little") + 1 for at in (24, 27))
    return width, height
