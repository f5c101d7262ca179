"""The data folder: the process that has it open, and the key of its identifiers."""

import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from heropixel.troubles import (
    FolderInUse,
    FolderMissing,
    FolderNotWritable,
    KeyUnusable,
    RestoreUnfinished,
    StoreMissing,
    WorldHasMoved,
)

LOCK = "heropixel.lock"
_KEY = "directory.key"


class Holder(msgspec.Struct, frozen=True):
    """The process that has a folder open. It is written in the lock file, which only the folder's owner can read."""

    pid: int
    command: str
    url: str = ""  # where it listens; empty: it is no server
    operators: str = ""  # the path of the socket of its operators' endpoint; empty: it has none

    def __str__(self) -> str:
        return f"{self.command}, pid {self.pid}"


def make(folder: Path) -> Path:
    """The folder, created if it is missing. Only its owner may read it, since it holds personal data.

    Raises:
        FolderNotWritable: this user may not write there.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch(mode=0o600)
        probe.unlink(missing_ok=True)  # another thread of this process may have looked at the same time
    except OSError as error:
        raise FolderNotWritable(folder=folder, why=error.strerror or error) from None
    return folder


def there(folder: Path) -> Path:
    """The folder, which must exist already. A mistyped name is an error and creates no empty folder.

    Raises:
        FolderMissing: it does not exist.
        FolderNotWritable: this user may not even look at it.
    """
    try:
        is_there = folder.is_dir()
    except OSError as error:
        raise FolderNotWritable(folder=folder, why=error.strerror or error) from None
    if not is_there:
        raise FolderMissing(folder=folder)
    return folder


def check_files(folder: Path) -> None:
    """Check that this user may write to every file in it: a read-only store would open, and fail at the first pageview.

    Raises:
        FolderNotWritable: this user may not.
    """
    try:
        files = [*folder.iterdir()]
    except OSError as error:
        raise FolderNotWritable(folder=folder, why=error.strerror or error) from None
    for file in files:
        if file.is_file() and not os.access(file, os.R_OK | os.W_OK):
            raise FolderNotWritable(folder=file, why="its permissions")


@contextmanager
def held(folder: Path, command: str) -> Iterator[Callable[[str, str], None]]:
    """Lock the folder: journal and event store belong to one process at a time.

    The operating system releases the lock when the process dies. The context gives a function that announces where
    this process listens: its URL, and the path of the socket of its operators' endpoint.

    Raises:
        FolderInUse: another process holds it.
        FolderNotWritable: this user may not write there.
    """
    make(folder)
    check_files(folder)
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise FolderNotWritable(folder=folder, why=error.strerror or error) from None
    try:
        if not _locked(folder, lock):
            raise FolderInUse(process=_read(folder) or "just starting", folder=folder)

        def announce(url: str = "", operators: str = "") -> None:
            os.ftruncate(lock, 0)
            os.pwrite(lock, msgspec.json.encode(Holder(os.getpid(), command, url, operators)), 0)

        announce()
        yield announce
        os.ftruncate(lock, 0)
    finally:
        os.close(lock)


WAY_BACK = "before-"  # and the version that upgraded the folder
UNFINISHED = ".part"


def ways_back(folder: Path) -> list[Path]:
    """The copies of a folder from before an upgrade that are complete: one, but for an instant."""
    return [path for path in sorted(folder.glob(f"{WAY_BACK}*")) if path.is_dir() and path.suffix != UNFINISHED]


def unfinished_restore(folder: Path) -> Path:
    """The note that a folder is being restored: until it is gone, people may be in it who were erased."""
    return folder / "restore-unfinished"


def check_whole(folder: Path) -> None:
    """Refuse a folder that is only half restored, or whose world is elsewhere.

    Raises:
        RestoreUnfinished: it is.
        WorldHasMoved: it has moved into a cluster.
    """
    if unfinished_restore(folder).exists():
        raise RestoreUnfinished(folder=folder)
    moved = moved_to(folder)
    if moved is not None:
        raise WorldHasMoved(folder=folder, directory=moved.directory, events=moved.events, note=folder / _MOVED)


class MovedTo(msgspec.Struct, frozen=True):
    """Where the world of a folder has moved to."""

    directory: str  # URLs without passwords
    events: str
    at: int  # Unix milliseconds
    waited: int  # milliseconds for which pageviews waited


_MOVED = "moved.json"


def moved_to(folder: Path) -> MovedTo | None:
    """Where the world of a folder has moved to; None: it is here."""
    try:
        return msgspec.json.decode((folder / _MOVED).read_bytes(), type=MovedTo)
    except FileNotFoundError:
        return None


def note_moved(folder: Path, moved: MovedTo) -> None:
    """Note that the world of a folder is elsewhere. The note is on the disk when this returns.

    Raises:
        OSError: it cannot be written.
    """
    make_once(folder / _MOVED, msgspec.json.format(msgspec.json.encode(moved)) + b"\n")


def unnote_moved(folder: Path) -> None:
    """Note that the world of a folder is here."""
    (folder / _MOVED).unlink(missing_ok=True)
    sync(folder)


_NOTE = "stores.json"


def check_stores(folder: Path, stores: Mapping[str, Path]) -> None:
    """Note which stores a folder has. One that it had and that is gone is never replaced by an empty one in silence.

    Raises:
        RestoreUnfinished: the folder is only half restored.
        StoreMissing: a store is gone, or the directory beside its key.
        FolderNotWritable: the note cannot be written.
    """
    noted = check_none_missing(folder, stores)
    there = {store for store, path in stores.items() if path.exists()}
    known = {store for store, note in noted.items() if note.name == _NOTE}
    if not there <= known:
        _write_note(folder / _NOTE, sorted(there | known))


def check_none_missing(folder: Path, stores: Mapping[str, Path]) -> Mapping[str, Path]:
    """The stores that a folder had, each with the file that says so. All of them are there. Nothing is written.

    Raises:
        RestoreUnfinished: the folder is only half restored.
        StoreMissing: a store is gone, or the directory beside its key.
    """
    check_whole(folder)
    noted = _noted(folder)
    for store, path in stores.items():
        if store in noted and not path.exists():
            raise StoreMissing(store=f"The {store}", path=path, folder=folder, note=noted[store])
    return noted


def _noted(folder: Path) -> dict[str, Path]:
    """The stores that a folder had, each with the file that says so."""
    key, note = folder / _KEY, folder / _NOTE
    of_key = {"directory": key} if key.exists() else {}  # the key is made after its directory
    try:
        return of_key | dict.fromkeys(msgspec.json.decode(note.read_bytes(), type=list[str]), note)
    except (FileNotFoundError, msgspec.MsgspecError):
        return of_key


def _write_note(note: Path, stores: list[str]) -> None:
    fresh = note.with_name(f"{note.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - no path
            file.write(msgspec.json.encode(stores))
        fresh.replace(note)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise FolderNotWritable(folder=note, why=error.strerror or error) from None


_PAUSE = 0.02  # seconds
_TRIES = 20  # `holder_of` takes the lock for an instant, so a lock that is taken is tried again
_LAST_TRIES = 250  # the parts of a server that was killed end with it, and hold the lock until they have


def _locked(folder: Path, lock: int) -> bool:
    """Whether the lock is ours now."""
    for tried in range(_LAST_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if tried >= _TRIES and _is_alive(_read(folder)):
                return False
            time.sleep(_PAUSE)
        else:
            return True
    return False


def holder_of(folder: Path) -> Holder | None:
    """The process that holds the folder now, if there is one."""
    try:
        lock = (folder / LOCK).open("rb")
    except FileNotFoundError:
        return None
    holder = None
    with lock:
        for _ in range(_LAST_TRIES):
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = _read(folder)
                if _is_alive(holder):
                    return holder
                time.sleep(_PAUSE)
            else:
                return None
    return holder


def _is_alive(holder: Holder | None) -> bool:
    """Whether a process may still be there: one that has not written its name yet is."""
    if holder is None:
        return True
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        pass
    return True


def _read(folder: Path) -> Holder | None:
    try:
        return msgspec.json.decode((folder / LOCK).read_bytes(), type=Holder)
    except (OSError, msgspec.DecodeError):
        return None


def key_of(folder: Path, *, make_one: bool) -> bytes | None:
    """The key of the folder's identifiers: 256 random bits in their own file; None where there is none.

    With `make_one` a missing key is created.

    Raises:
        FolderNotWritable: this user may not read or write there.
        KeyUnusable: the file holds no key.
    """
    path = make(folder) / _KEY
    try:
        if make_one and not path.exists():
            make_once(path, f"{secrets.token_hex(32)}\n".encode())  # synced: users learned with a lost key are lost
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FolderNotWritable(folder=path, why=error.strerror or error) from None
    try:
        key = bytes.fromhex(text.decode())
    except ValueError:
        key = b""
    if not 32 <= len(key) <= 64:
        raise KeyUnusable(path=path)
    return key


def make_once(path: Path, content: bytes) -> None:
    """Create a file that only its owner may read. An existing file stays.

    If several processes do so at the same time, one of them creates the file. The file is complete from the moment it
    appears, and it is on the disk when this returns.

    Raises:
        OSError: it could not be created.
    """
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - no path
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)  # a link appears with the whole content
    finally:
        fresh.unlink(missing_ok=True)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Sync a folder, so that files created in it or removed from it survive a power cut.

    Raises:
        OSError: the sync failed.
    """
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
