"""The statements that make the tables of a cluster: kept as text, and read by the engine's own parser."""

from pathlib import Path

import pytest

from heropixel.events import Events, migrations
from heropixel.events.engines import statement_for
from heropixel.events.place import EventsPlace

KEPT = Path(__file__).parent / "replicated.sql"
CLUSTER = EventsPlace.of("clickhouse://host/heropixel?cluster=main")


def statements(place: EventsPlace) -> list[str]:
    return [statement_for(place, statement).strip() for _, _, statement in migrations()]


def test_the_statements_for_replicas_are_those_that_were_looked_at() -> None:
    """To look at them again after a new migration: write them with `python -m tests.clickhouse.test_statements`."""
    assert KEPT.read_text() == as_kept()


def as_kept() -> str:
    named = zip(migrations(), statements(CLUSTER), strict=True)
    return "\n\n".join(f"-- {name}\n{text};" for (_, name, _), text in named) + "\n"


@pytest.mark.parametrize("query", ["cluster=main", "cloud=1", ""])
def test_the_engine_understands_every_statement_of_every_kind_of_store(events: Events, query: str) -> None:
    for statement in statements(EventsPlace.of(f"clickhouse://host/heropixel?{query}")):
        # The cloud's engines are the cloud's alone: this engine knows them by the names of its own.
        assert events.ask(f"EXPLAIN AST {statement.replace('= Shared', '= ')}")


def test_on_replicas_every_table_is_replicated_and_every_change_is_for_all_of_them() -> None:
    for statement in statements(CLUSTER):
        if "MergeTree" in statement:
            assert statement.count("MergeTree") == statement.count("Replicated") == statement.count("'{replica}'") == 1
        if not statement.startswith("INSERT"):  # what is inserted is replicated by itself
            assert " ON CLUSTER `main`" in statement.partition("\n")[0]


def test_every_statement_for_a_server_may_be_repeated() -> None:
    for statement in statements(CLUSTER):
        first = statement.partition("(")[0]
        assert not first.startswith("CREATE") or "IF NOT EXISTS" in first
        assert "ADD COLUMN" not in statement or statement.count("ADD COLUMN") == statement.count(
            "ADD COLUMN IF NOT EXISTS"
        )


if __name__ == "__main__":
    KEPT.write_text(as_kept())
