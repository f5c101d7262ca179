"""The values of the rules are the same in the code, the schema and the documentation."""

from enum import StrEnum
from pathlib import Path

import pytest
from graphql import GraphQLEnumType

from heropixel.api.schema import load_schema
from heropixel.enrichment import Bot, BotReason, Channel, Device
from heropixel.enrichment.bots import STRONG
from heropixel.enrichment.senders import SENDERS
from tests.test_docs import DOCS, rows

PAGE = (Path(DOCS) / "enrichment.md").read_text()


@pytest.mark.parametrize(("words", "name"), [(Channel, "Channel"), (Device, "Device"), (Bot, "BotKind")])
def test_what_is_stored_is_what_the_schema_names(words: type[StrEnum], name: str) -> None:
    bound = load_schema().type_map[name]
    assert isinstance(bound, GraphQLEnumType)
    assert list(bound.values) == [word.value for word in words]
    assert all(f"`{word}`" in PAGE for word in words)


def test_every_reason_is_documented_with_its_weight() -> None:
    documented = {name.strip("`"): sign for name, sign, *_ in rows(PAGE, "`") if sign in ("strong", "weak")}
    assert documented == {reason: "strong" if reason in STRONG else "weak" for reason in BotReason}


def test_nobody_sends_visitors_by_two_names() -> None:
    lines = [line.split("|") for table in SENDERS.values() for line in table.strip().splitlines()]
    hosts = [host for _, cell, _ in lines for host in cell.split()]
    assert len(hosts) == len(set(hosts)), {host for host in hosts if hosts.count(host) > 1}
