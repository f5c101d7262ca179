"""The chart, rendered by Helm itself and checked against the schemas of Kubernetes."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import kubernetes_validate
import pytest

from tests.deploy.files import manifests
from tests.deploy.values_schema import CHART, ROOT, values_schema

pytestmark = pytest.mark.process

SETTINGS = {
    "public_url": "https://pixel.example.com",
    "trusted_proxies": "10.0.0.0/8",
    "max_body": 2_000_000,
    "address_rate": 0.5,
    "access_log": True,
}
CASES: dict[str, dict[str, Any]] = {
    "cluster": {
        "existingSecret": "stores",
        "settings": SETTINGS,
        "ingress": {"enabled": True, "host": "pixel.example.com", "className": "nginx", "tlsSecret": "tls"},
    },
    "embedded": {"mode": "embedded", "image": {"pullSecrets": [{"name": "registry"}]}},
    "embedded with a key": {"mode": "embedded", "existingSecret": "key", "persistence": {"storageClassName": "fast"}},
    "monitored": {"existingSecret": "stores", "serviceMonitor": {"enabled": True}},
    "without a secret": {},
    "with a setting that is none": {"mode": "embedded", "settings": {"publik_url": "x"}},
    "with a secret as a setting": {"mode": "embedded", "settings": {"key": "ab"}},
    "with a wrong value": {"mode": "embedded", "settings": {"port": "http"}},
    "with a port that is none": {"mode": "embedded", "settings": {"port": 70_000}},
}


@pytest.fixture(scope="module")
def told() -> Mapping[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.deploy.render_chart"],
        cwd=ROOT,
        input=json.dumps([*CASES.values()]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(done.stdout)
    return {"lint": made["lint"], **dict(zip(CASES, made["cases"], strict=True))}


def objects(told: Mapping[str, Any], case: str) -> dict[str, Mapping[str, Any]]:
    """The objects of a case, by their kind."""
    rendered = told[case]["manifests"]
    found = [one for name, text in rendered.items() if name.endswith(".yaml") for one in manifests(text)]
    return {one["kind"]: one for one in found}


def container(told: Mapping[str, Any], case: str) -> Mapping[str, Any]:
    """The one container of a node."""
    made = objects(told, case)
    (only,) = (made.get("Deployment") or made["StatefulSet"])["spec"]["template"]["spec"]["containers"]
    found: Mapping[str, Any] = only
    return found


def test_helm_finds_no_fault_in_the_chart(told: Mapping[str, Any]) -> None:
    assert told["lint"]["errors"] == []
    assert [message["error"] for message in told["lint"]["messages"]] == ["icon is recommended"]


@pytest.mark.parametrize("case", ["cluster", "embedded", "embedded with a key"])
def test_what_the_chart_makes_is_what_kubernetes_takes(told: Mapping[str, Any], case: str) -> None:
    made = objects(told, case)
    for one in made.values():
        kubernetes_validate.validate(one, "1.37", strict=True)
    assert made.keys() == {
        "cluster": {"Deployment", "Service", "Ingress", "PodDisruptionBudget"},
    }.get(case, {"StatefulSet", "Service"}), "no database is bundled"


def test_the_schema_of_the_values_follows_the_settings() -> None:
    written = json.loads((CHART / "values.schema.json").read_text())
    assert written == values_schema(), "run: python -m tests.deploy.values_schema"


def test_settings_become_variables_as_the_server_reads_them(told: Mapping[str, Any]) -> None:
    variables = {one["name"]: one.get("value") for one in container(told, "cluster")["env"]}
    assert variables == {
        "HEROPIXEL_LEAVE_SECONDS": "5",
        "HEROPIXEL_PUBLIC_URL": "https://pixel.example.com",
        "HEROPIXEL_TRUSTED_PROXIES": "10.0.0.0/8",
        "HEROPIXEL_MAX_BODY": "2000000",
        "HEROPIXEL_ADDRESS_RATE": "0.5",
        "HEROPIXEL_ACCESS_LOG": "true",
        **dict.fromkeys(f"HEROPIXEL_{name}" for name in ("DIRECTORY_URL", "JOURNAL_URL", "EVENTS_URL", "KEY")),
    }
    secret = {
        one["valueFrom"]["secretKeyRef"]["name"] for one in container(told, "cluster")["env"] if "valueFrom" in one
    }
    assert secret == {"stores"}, "secrets come from a Secret that is there already"


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("without a secret", "existingSecret: name a Secret with the URLs of PostgreSQL and ClickHouse"),
        ("with a setting that is none", "additional properties 'publik_url' not allowed"),
        ("with a secret as a setting", "additional properties 'key' not allowed"),
        ("with a wrong value", "got string, want integer"),
        ("with a port that is none", "maximum: got 70,000, want 65,535"),
    ],
)
def test_values_that_cannot_work_are_refused_with_what_is_wrong(told: Mapping[str, Any], case: str, said: str) -> None:
    assert said in told[case]["error"]


@pytest.mark.parametrize("case", ["cluster", "embedded"])
def test_a_node_is_asked_by_health_and_ready_and_has_no_rights(told: Mapping[str, Any], case: str) -> None:
    node = container(told, case)
    asked = {probe: node[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert asked == {"startupProbe": "/health", "livenessProbe": "/health", "readinessProbe": "/ready"}
    assert node["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    made = objects(told, case)
    pod = (made.get("Deployment") or made["StatefulSet"])["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False, "a Service called heropixel would set HEROPIXEL_PORT to a URL"
    (leave,) = (int(one["value"]) for one in node["env"] if one["name"] == "HEROPIXEL_LEAVE_SECONDS")
    assert pod["terminationGracePeriodSeconds"] >= leave + 60
    paths = {"cluster": {"/tmp"}, "embedded": {"/tmp", "/data"}}
    assert {one["mountPath"] for one in node["volumeMounts"]} == paths[case], "nodes of a cluster keep nothing"


def test_what_monitoring_asks_is_not_reached_from_outside(told: Mapping[str, Any]) -> None:
    (rule,) = objects(told, "cluster")["Ingress"]["spec"]["rules"]
    paths = {path["path"]: path["pathType"] for path in rule["http"]["paths"]}
    assert paths["/"] == "Exact"
    assert not [path for path in paths for inside in ("/metrics", "/health", "/ready") if path == inside]


def test_only_a_cluster_has_a_disruption_budget_and_only_where_wanted_a_service_monitor(
    told: Mapping[str, Any],
) -> None:
    assert objects(told, "cluster")["PodDisruptionBudget"]["spec"]["maxUnavailable"] == 1
    assert "PodDisruptionBudget" not in objects(told, "embedded")
    assert objects(told, "monitored")["ServiceMonitor"]["spec"]["jobLabel"] == "app.kubernetes.io/name"
