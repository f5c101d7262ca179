"""The index of identifiers, with the key that the directory was made with."""

from heropixel import folder
from heropixel.directory import Directory
from heropixel.directory.keys import check_key, has_key, stores_emails
from heropixel.identity.identifiers import Index
from heropixel.settings import Settings
from heropixel.troubles import KeyMissing, KeyNotSet


def index_of(settings: Settings, directory: Directory) -> Index:
    """The index of the directory's identifiers, with the key from the settings or from the data folder.

    Raises:
        KeyNotSet: no file can hold it, and the settings have none.
        KeyMissing: the directory was created with another key, which is missing.
        KeyUnusable: the file of the key holds no key.
    """
    key = key_given(settings, make_one=not has_key(directory))
    if key is None:
        raise KeyMissing
    check_key(directory, key)
    return Index(key, readable=stores_emails(directory, wanted=settings.store_emails))


def key_given(settings: Settings, *, make_one: bool) -> bytes | None:
    """The key from the settings or from the data folder; None where the folder has none, and none is made.

    Raises:
        KeyNotSet: no file can hold it, and the settings have none.
        KeyUnusable: the file of the key holds no key.
    """
    if settings.key:
        return bytes.fromhex(settings.key)
    if not settings.keeps_files:
        raise KeyNotSet
    return folder.key_of(settings.data, make_one=make_one)
