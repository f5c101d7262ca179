"""Renders the chart with Helm itself, for sets of values on standard input, in a process of its own.

Helm is written in Go, whose runtime would take over the signals of the process that loads it.
"""

import json
import sys
from typing import Any

from helm_python import Chart, lint
from helm_python.errors import HelmError

from tests.deploy.values_schema import CHART


def rendered(chart: Chart, values: dict[str, Any]) -> dict[str, Any]:
    """The manifests of the chart with these values, or why there are none."""
    try:
        chart.validate_schema(values)
        return {"manifests": chart.render(values=values, name="pixels")}
    except HelmError as error:
        return {"error": str(error)}


if __name__ == "__main__":
    with Chart.load(CHART) as chart:
        cases = json.load(sys.stdin)
        json.dump({"lint": lint(CHART), "cases": [rendered(chart, values) for values in cases]}, sys.stdout)
