"""The shipped files, read."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from promql_parser import Matchers, VectorSelector, parse, walk
from ruamel.yaml import YAML

from tests.deploy.values_schema import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE = ("compose.yaml", "compose.cluster.yaml")
SHIPPED = [
    ROOT / "Dockerfile",
    *(ROOT / name for name in COMPOSE),
    *sorted(f for f in DEPLOY.rglob("*") if f.is_file()),
]


@cache
def compose(name: str) -> Mapping[str, Any]:
    """A compose file, with its anchors and merges resolved."""
    return _yaml((ROOT / name).read_text())


def alerts() -> list[Mapping[str, Any]]:
    """The alert rules."""
    return [
        rule for group in _yaml((DEPLOY / "prometheus/alerts.yaml").read_text())["groups"] for rule in group["rules"]
    ]


def dashboard() -> Mapping[str, Any]:
    """The dashboard for Grafana."""
    told: Mapping[str, Any] = json.loads((DEPLOY / "grafana/heropixel.json").read_text())
    return told


def expressions() -> dict[str, str]:
    """Every PromQL expression, by where it stands. Grafana's variables have a value."""
    of_panels = {
        f"{panel['title']} {number}": target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*")
        for panel in dashboard()["panels"]
        for number, target in enumerate(panel["targets"], 1)
    }
    return of_panels | {rule["alert"]: rule["expr"] for rule in alerts()}


def selectors(expression: str) -> Iterator[tuple[str, Matchers]]:
    """The metrics of an expression, with what their labels must be."""
    found: list[VectorSelector] = []

    def see(node: Any) -> bool:
        if isinstance(node, VectorSelector):
            found.append(node)
        return True

    walk(parse(expression), see)
    yield from ((str(selector.name), selector.matchers) for selector in found)


def manifests(text: str) -> list[Mapping[str, Any]]:
    """The manifests in a rendered template."""
    return [one for one in YAML(typ="safe").load_all(text) if one]


def _yaml(text: str) -> Mapping[str, Any]:
    told: Mapping[str, Any] = YAML(typ="safe").load(text)
    return told
