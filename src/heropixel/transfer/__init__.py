"""Files are imported and exported: CSV, JSON Lines and Parquet, with the rows that were rejected."""

from heropixel.transfer.reading import open_rows
from heropixel.transfer.rejected import RejectedRows
from heropixel.transfer.rows import BadRow, FileRow, Format
from heropixel.transfer.source import Source
from heropixel.transfer.writing import write_rows

__all__ = ["BadRow", "FileRow", "Format", "RejectedRows", "Source", "open_rows", "write_rows"]
