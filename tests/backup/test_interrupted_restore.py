"""A restore that is killed never leaves a folder that serves people who were erased after the backup."""

from pathlib import Path

import pytest

from tests.backup.newer import killed
from tests.backup.test_backup import WHO, backed_up, people, with_people
from tests.world import World, command, exported, make_world, running

pytestmark = pytest.mark.process

# What the process calls next when it is killed: from the first file to the last step.
POINTS = [
    "heropixel.backup.restoring.sync_all",
    "heropixel.processes.restore._erased_again",
    "heropixel.processes.restore.Here",
]


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world with a backup from before one of its people was erased."""
    world = with_people(make_world(tmp_path_factory.mktemp("erased") / "data"))
    with running(world) as server:
        for email in WHO:
            server.pageview(email=email, eventId=email[:3], visitorId=f"v-{email[:3]}")
        backed_up(world)
        command(world, "users", "forget", "--yes", "--app", world.app_id, "--email", WHO[0])
    return world


@pytest.mark.parametrize("before", POINTS)
def test_a_restore_that_is_killed_before_it_has_erased_again_is_not_served_and_begins_anew(
    erased: World, tmp_path: Path, before: str
) -> None:
    words = ("restore", str(erased.folder.parent / "backups" / "first"), "--erased-in", str(erased.folder))
    new = erased._replace(folder=tmp_path / "restored")
    killed(new, before, *words)
    for refused in ("serve --port 0", "serve --port 0 --sample samples/users.csv", "users list", "pageviews export"):
        said = " ".join(command(new, *refused.split(), expect=10).split())
        assert f"The folder {new.folder} is not whole" in said
        assert "Run the same `heropixel restore` again" in said
    assert "1 user erased" in command(new, *words)
    assert [user["traits"]["first_name"] for user in people(new)] == ["ben", "cle"]
    assert sorted("userId" in row for row in exported(new)) == [False, True, True]


def test_a_restore_that_is_killed_at_once_begins_anew(erased: World, tmp_path: Path) -> None:
    backup = str(erased.folder.parent / "backups" / "first")
    new = erased._replace(folder=tmp_path / "restored")
    killed(new, "heropixel.backup.restoring.make_once", "restore", backup)
    command(new, "restore", backup)
    assert len(people(new)) == 3


def test_a_folder_that_a_server_has_open_is_not_restored_into(world: World) -> None:
    backup = backed_up(world)
    with running(world):
        assert "is not empty" in command(world, "restore", str(backup), expect=2)
