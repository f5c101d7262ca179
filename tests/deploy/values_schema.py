"""The schema of the chart's values, of which `settings` follows the settings of the product.

`python -m tests.deploy.values_schema` writes it, after a setting was added or changed.
"""

import json
from pathlib import Path
from typing import Any

from heropixel.settings import Settings

ROOT = Path(__file__).parent.parent.parent
CHART = ROOT / "deploy/helm/heropixel"

# What the chart sets itself: by the image, or from the Secret.
OF_CHART = frozenset(("data", "host", "directory_url", "journal_url", "events_url", "key", "leave_seconds"))


def values_schema() -> dict[str, Any]:
    """A schema for `values.schema.json`."""
    text, flag, many = {"type": "string"}, {"type": "boolean"}, {"type": "integer", "minimum": 0}
    name = {"type": "string", "minLength": 1}
    anything = {"type": "object"}
    closed = {
        "image": _closed(
            repository=name,
            tag=text,
            pullPolicy={"enum": ["Always", "IfNotPresent", "Never"]},
            pullSecrets={"type": "array", "items": anything},
        ),
        "secretKeys": _closed(directoryUrl=name, journalUrl=name, eventsUrl=name, key=name),
        "settings": _closed(**_settings()),
        "persistence": _closed(size=name, storageClassName=text),
        "service": _closed(type={"enum": ["ClusterIP", "NodePort", "LoadBalancer"]}, port=many),
        "ingress": _closed(enabled=flag, className=text, annotations=anything, host=text, tlsSecret=text),
        "disruptionBudget": _closed(maxUnavailable={"type": ["integer", "string"]}),
        "serviceMonitor": _closed(enabled=flag, interval=name),
    }
    plain = {
        "mode": {"enum": ["cluster", "embedded"]},
        "replicas": {"type": "integer", "minimum": 1},
        "existingSecret": text,
        "leaveSeconds": many,
        "stopSeconds": many,
        "resources": anything,
        "podAnnotations": anything,
        "nodeSelector": anything,
        "tolerations": {"type": "array", "items": anything},
        "affinity": anything,
        "global": anything,  # Helm's own
    }
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Values of heropixel"} | _closed(
        **plain, **closed
    )


def _closed(**properties: Any) -> dict[str, Any]:
    """An object without other properties: a name that is mistyped is an error."""
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _settings() -> dict[str, Any]:
    told = Settings.model_json_schema()
    return {
        name: _of_setting(of, told.get("$defs", {})) for name, of in told["properties"].items() if name not in OF_CHART
    }


def _of_setting(of: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    (given,) = [kind for kind in of.get("anyOf", [of]) if kind.get("type") != "null"]
    if "$ref" in given:
        given = known[given["$ref"].rpartition("/")[2]]
    kept = {word: given[word] for word in _WORDS if word in given}
    return {"description": of["description"], **kept}


_WORDS = ("type", "enum", "minimum", "maximum", "exclusiveMinimum", "pattern")


if __name__ == "__main__":
    (CHART / "values.schema.json").write_text(json.dumps(values_schema(), indent=2) + "\n")
