"""A linking for loaders of tests in which nothing comes in by the visitors' door: the directory is not asked."""

from sqlalchemy import create_engine

from heropixel.directory import Directory
from heropixel.recording.linking import Linking

NO_LINKS = Linking(Directory(create_engine("sqlite:////nowhere")), lambda: 0)
