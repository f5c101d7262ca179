"""The mutations `pageview` and `pageviews`."""

from collections import Counter

from heropixel import errors
from heropixel.api.answers import PageviewAnswer, PageviewsAnswer, answers, count
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory.registry import App
from heropixel.enrichment import whereabouts
from heropixel.recording.pageview import Pageview, PageviewEvent


@answers(PageviewAnswer)
async def pageview(context: Context, event: PageviewEvent, auth: Credentials | None = None) -> PageviewAnswer:
    """Record one pageview."""
    product = context.product
    parsed = _parse(context, context.authenticate(auth), event, product.clock())
    (resolution,) = await product.recorder.record((parsed,))
    answer = PageviewAnswer.of(parsed.row.event_id, resolution)
    count(answer.message)
    return answer


@answers(PageviewsAnswer)
async def pageviews(context: Context, events: list[PageviewEvent], auth: Credentials | None = None) -> PageviewsAnswer:
    """Record many pageviews in one transaction. A bad one is answered by itself and spoils no other."""
    product = context.product
    app = context.authenticate(auth)
    if len(events) > product.at_most.events:
        raise errors.TooManyEvents(count=len(events), limit=product.at_most.events)
    now = product.clock()
    results: list[PageviewAnswer | None] = []
    good: list[Pageview] = []
    for event in events:
        try:
            good.append(_parse(context, app, event, now))
            results.append(None)
        except errors.Refusal as refusal:
            results.append(PageviewAnswer.refused(refusal))
    recorded = await product.recorder.record(good) if good else []
    answered = [
        PageviewAnswer.of(parsed.row.event_id, resolution) for parsed, resolution in zip(good, recorded, strict=True)
    ]
    for message, recorded_so in Counter([answer.message for answer in answered]).items():
        count(message, recorded_so)
    in_order = iter(answered)
    return PageviewsAnswer.of([result or next(in_order) for result in results])


def _parse(context: Context, app: App, event: PageviewEvent, now: int) -> Pageview:
    product = context.product
    pixel = product.registry.pixels.get(event.pixel_id)
    if pixel is None or pixel.app != app.number:
        raise errors.PixelNotFound
    return Pageview.parse(event, pixel, now, where=whereabouts(product.places, context.place))
