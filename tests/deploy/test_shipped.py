"""What is shipped for operators fits the product: settings, metrics, reasons, versions."""

import re
from pathlib import Path
from typing import Any

import pytest
from promql_parser import MatchOp

from heropixel.browser.drops import OPTED_OUT, REPLAYED, all_drops
from heropixel.errors import all_refusals, reason_of
from heropixel.settings import Settings
from tests.deploy.files import COMPOSE, SHIPPED, compose, dashboard, expressions, selectors
from tests.deploy.values_schema import ROOT
from tests.world import Server

KNOWN = {f"HEROPIXEL_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: str(file.relative_to(ROOT)))
def test_each_setting_that_a_shipped_file_names_exists(file: Path) -> None:
    named = set(re.findall(r"HEROPIXEL_[A-Z_]*[A-Z]", file.read_text()))
    assert named <= KNOWN


def test_the_metrics_of_dashboard_and_alerts_are_those_of_a_running_server(server: Server) -> None:
    text = server.http.get("/metrics").text
    told = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, flags=re.MULTILINE))
    parts = {"histogram": ("_bucket", "_count", "_sum")}
    there = {f"{name}{part}" for name, kind in told.items() for part in parts.get(kind, ("",))}
    for where, expression in expressions().items():
        asked = {name for name, _ in selectors(expression)}
        assert asked, where
        assert asked - {"up"} <= there, where  # `up` is Prometheus's own


def test_the_reasons_that_alerts_name_are_reasons_of_the_product() -> None:
    reasons = {reason_of(one) for one in (*all_refusals(), *all_drops())} | {OPTED_OUT, REPLAYED}
    named = set()
    for expression in expressions().values():
        for _, matchers in selectors(expression):
            for one in matchers.matchers:
                if one.name == "reason" and one.op == MatchOp.Re:
                    named |= {*one.value.split("|")}
    assert {"STORAGE_UNAVAILABLE", "OVERLOADED"} <= named <= reasons


def test_every_panel_of_the_dashboard_says_its_unit_and_none_lies_on_another() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in dashboard()["panels"]:
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        at = panel["gridPos"]
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]
        assert at["x"] + at["w"] <= 24


def test_the_images_have_the_version_of_the_product() -> None:
    (version,) = re.findall(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), flags=re.MULTILINE)
    chart = (ROOT / "deploy/helm/heropixel/Chart.yaml").read_text()
    assert f'version: {version}\nappVersion: "{version}"' in chart
    for name in COMPOSE:
        assert set(re.findall(r"image: heropixel:(\S+)", (ROOT / name).read_text())) == {version}


def nodes(name: str) -> dict[str, Any]:
    """The services of a compose file that are heropixel."""
    return {service: of for service, of in compose(name)["services"].items() if of.get("build")}


@pytest.mark.parametrize(("name", "count"), [("compose.yaml", 1), ("compose.cluster.yaml", 3)])
def test_a_server_of_a_compose_file_has_no_rights_and_writes_to_its_volume_only(name: str, count: int) -> None:
    assert len(nodes(name)) == count
    networks = {
        network: of["ipam"]["config"][0]["subnet"] for network, of in compose(name)["networks"].items() if "ipam" in of
    }
    for of in nodes(name).values():
        assert of["read_only"] is True
        assert of["cap_drop"] == ["ALL"]
        assert "ports" not in of, "only the proxy is reached from outside"
        assert of["environment"]["HEROPIXEL_TRUSTED_PROXIES"] == networks["front"]


def test_every_secret_of_the_cluster_is_asked_for_and_in_the_example() -> None:
    text = (ROOT / "compose.cluster.yaml").read_text()
    asked = set(re.findall(r"\$\{(\w+):\?", text))
    assert set(re.findall(r"\$\{(\w+)", text)) == asked, "none has a default"
    example = (ROOT / "deploy/cluster.env.example").read_text()
    assert set(re.findall(r"^(\w+)=", example, flags=re.MULTILINE)) == asked


def test_the_last_stage_of_the_image_has_no_compiler_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text()
    last = text[text.rindex("\nFROM ") :]
    assert re.findall(r"^FROM (\S+)", last, flags=re.MULTILINE) == ["python:3.13-slim"]
    assert not re.search("apt-get|pip|npm|gcc", last)
    assert re.findall(r"^USER (.*)$", text, flags=re.MULTILINE) == ["10001:10001"]
    assert re.findall(r"^VOLUME (.*)$", text, flags=re.MULTILINE) == ["/data"]
    assert "/health" in last[last.index("HEALTHCHECK") :]


def test_what_an_image_is_built_from_holds_no_data_and_no_secrets() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*", "all stays out that is not named"
    named = {line[1:] for line in lines if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert {source.partition("/")[0] for words in copied for source in words.split()} == named
