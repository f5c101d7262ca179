"""The mutations `pageview` and `pageviews`."""

from collections import Counter
from collections.abc import Callable

from heropixel import errors
from heropixel.api.answers import PageviewAnswer, PageviewsAnswer, answers, count
from heropixel.api.callers import Caller
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory.news import News
from heropixel.directory.registry import Registry
from heropixel.enrichment import Places, whereabouts
from heropixel.recording.calls import ChangedMeanwhile
from heropixel.recording.pageview import Pageview, PageviewEvent, Where
from heropixel.recording.recorder import Recorder
from heropixel.recording.room import Room

# What another node may just have made right.
STALE = (errors.InvalidCredentials, errors.PixelNotFound, errors.DomainNotAuthorized)


class Pageviews:
    """Resolves the pageviews that callers send."""

    def __init__(
        self,
        *,
        registry: Registry,
        recorder: Recorder,
        news: News,
        room: Room,
        places: Places | None,
        clock: Callable[[], int],
        max_events: int,
    ) -> None:
        self._registry = registry
        self._recorder = recorder
        self._news = news
        self._room = room
        self._places = places
        self._clock = clock
        self._max_events = max_events

    @answers(PageviewAnswer)
    async def pageview(self, context: Context, event: PageviewEvent, auth: Credentials | None = None) -> PageviewAnswer:
        """Record one pageview."""
        while True:
            seen = self._registry.revision
            try:
                caller = context.caller(auth)
                parsed = self._parse(self._where(context), caller, event, self._clock())
            except STALE:
                if await self._news.since(seen):
                    continue
                raise
            self._room.check()
            try:
                (resolution,) = await self._recorder.record((parsed,), seen=seen)
                break
            except ChangedMeanwhile:
                continue
        answer = PageviewAnswer.of(parsed.row.event_id, resolution, parsed.warnings, sees_people=caller.sees_people)
        count(answer.message)
        return answer

    @answers(PageviewsAnswer)
    async def pageviews(
        self, context: Context, events: list[PageviewEvent], auth: Credentials | None = None
    ) -> PageviewsAnswer:
        """Record many pageviews in one transaction. A bad one gets its own answer and does not affect the others."""
        while True:
            seen = self._registry.revision
            try:
                return await self._recorded(context, events, auth, seen)
            except ChangedMeanwhile:
                continue
            except errors.InvalidCredentials:
                if not await self._news.since(seen):
                    raise

    async def _recorded(
        self, context: Context, events: list[PageviewEvent], auth: Credentials | None, seen: int
    ) -> PageviewsAnswer:
        caller = context.caller(auth)
        sees_people = caller.sees_people
        if len(events) > self._max_events:
            raise errors.TooManyEvents(count=len(events), limit=self._max_events)
        self._room.check()
        now, where = self._clock(), self._where(context)
        results: list[PageviewAnswer | None] = []
        good: list[Pageview] = []
        for event in events:
            try:
                good.append(self._parse(where, caller, event, now))
                results.append(None)
            except errors.Refusal as refusal:
                if isinstance(refusal, STALE) and await self._news.since(seen):
                    raise ChangedMeanwhile from refusal
                results.append(PageviewAnswer.refused(refusal))
        recorded = await self._recorder.record(good, seen=seen) if good else []
        answered = [
            PageviewAnswer.of(parsed.row.event_id, resolution, parsed.warnings, sees_people=sees_people)
            for parsed, resolution in zip(good, recorded, strict=True)
        ]
        for message, recorded_so in Counter([answer.message for answer in answered]).items():
            count(message, recorded_so)
        if len(answered) == len(events):
            return PageviewsAnswer.of(answered)
        in_order = iter(answered)
        return PageviewsAnswer.of([result or next(in_order) for result in results])

    def _where(self, context: Context) -> Where | None:
        return whereabouts(self._places, context.place)

    def _parse(self, where: Where | None, caller: Caller, event: PageviewEvent, now: int) -> Pageview:
        pixel = self._registry.pixels.get(event.pixel_id)
        if pixel is None or pixel.app != caller.app.number or not caller.sees(pixel.id):
            raise errors.PixelNotFound
        return Pageview.parse(event, pixel, now, where=where)
