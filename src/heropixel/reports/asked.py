"""The pixels and values that a question may name: the pixels of the caller, and the values of closed dimensions."""

from collections.abc import Mapping
from typing import Final

from heropixel.directory.registry import Pixel
from heropixel.enrichment import Bot, Channel, Device, PlaceBasis
from heropixel.errors import PixelNotFound
from heropixel.reports.question import Question, ReportInput

# The values of closed dimensions, which have no others.
KNOWN: Final = {
    "CHANNEL": [*Channel],
    "PAGEVIEW_CHANNEL": [*Channel],
    "DEVICE": [*Device],
    "BOT": [*Bot],
    "PLACE_BASIS": [*PlaceBasis],
}


def operators_question(given: ReportInput, pixels: Mapping[int, Pixel], now: int) -> tuple[int, Question]:
    """The question of an operator, who has no app: returns the app of the pixels, and the question.

    Raises:
        Refusal: the question is invalid.
    """
    first = pixels.get(given.pixel_ids[0]) if given.pixel_ids else None
    if first is None:
        raise PixelNotFound
    return first.app, Question.parse(given, own_pixels(pixels, first.app), KNOWN, now)


def own_pixels(pixels: Mapping[int, Pixel], app: int) -> dict[int, Pixel]:
    """The pixels of an app."""
    return {number: pixel for number, pixel in pixels.items() if pixel.app == app}
