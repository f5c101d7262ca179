"""Where another node may have changed apps and pixels, what was checked before is checked again."""

import asyncio

import pytest

from heropixel.recording.calls import ChangedMeanwhile
from tests.recording.doors import Doors


@pytest.fixture
def changing(doors: Doors) -> Doors:
    """Doors of a node among others: the directory is at revision 2."""
    doors.writer._revision = lambda: 2
    return doors


async def test_what_was_checked_before_a_change_is_not_recorded_and_its_door_has_noticed(changing: Doors) -> None:
    door, _ = changing.doors
    with pytest.raises(ChangedMeanwhile):
        await door.record([changing.pageview()], seen=1)
    assert changing.refreshed == 1, "it has read the change, and can check"
    assert changing.loading.length() == 0
    await door.record([changing.pageview()], seen=2)
    assert changing.loading.length() == 1


async def test_in_one_message_and_in_one_group_only_what_was_checked_before_is_sent_back(changing: Doors) -> None:
    door, other = changing.doors
    said = await asyncio.gather(
        *(one.record([changing.pageview()], seen=seen) for one in (door, other) for seen in (1, 2, 3, 1)),
        return_exceptions=True,
    )
    assert [type(one) is ChangedMeanwhile for one in said] == [True, False, False, True] * 2
    assert changing.loading.length() == 4


async def test_a_change_in_the_midst_of_a_burst_sends_back_each_call_at_most_once(doors: Doors) -> None:
    revision = 1
    doors.writer._revision = lambda: revision
    sent_back = 0

    async def record(number: int) -> None:
        nonlocal sent_back, revision
        while True:
            seen = revision
            if number == 100:
                revision = 2
            try:
                await doors.doors[number % 2].record([doors.pageview(event_id=f"e-{number}")], seen=seen)
            except ChangedMeanwhile:
                sent_back += 1
            else:
                return

    await asyncio.gather(*(record(number) for number in range(200)))
    assert doors.loading.length() == 200
    assert 0 < sent_back <= 200


async def test_a_revision_that_has_gone_back_since_the_database_was_restored_is_obeyed(changing: Doors) -> None:
    door, _ = changing.doors
    with pytest.raises(ChangedMeanwhile):
        await door.record([changing.pageview()], seen=1)
    changing.writer._revision = lambda: 1
    await door.record([changing.pageview()], seen=1)
    assert changing.loading.length() == 1


async def test_alone_on_its_stores_a_server_checks_once(doors: Doors) -> None:
    await doors.doors[0].record([doors.pageview()], seen=0)
    assert doors.refreshed == 0
