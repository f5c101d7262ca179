"""A linking for tests of the loader without browser endpoints: it needs no directory."""

from sqlalchemy import create_engine

from heropixel.directory.sqlite import SqliteDirectory
from heropixel.recording.linking import Linking

NO_LINKS = Linking(SqliteDirectory(create_engine("sqlite:////nowhere")), lambda: 0)
