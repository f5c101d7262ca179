"""A site of which reports are asked."""

from typing import Any

from tests.contract.people import People

FIGURES = """
    pageviews visitors { count basis identifiedUsers visitorIds dailyHashes exact } sessions bounceRate sessionDuration
    pagesPerSession identifiedVisitors matchRate newUsers
"""

ROW = "time page channel pageviewChannel source utmCampaign country user pixel " + FIGURES

REPORT = f"""
    query ($auth: AuthInput, $report: ReportInput!) {{ report(auth: $auth, report: $report) {{
        code message reason data
        rows {{ {ROW} comparison {{ {FIGURES} }} }}
        totals {{ {FIGURES} }} comparisonTotals {{ pageviews }}
        rowCount range {{ from to }} comparisonRange {{ from to }} timezone sampled
    }} }}
"""

LIST = """
    query ($auth: AuthInput, $pixelIds: [Int!]!, $range: RangeInput, $filter: FilterInput, $first: Int! = 50,
        $traffic: [Traffic!]! = [PEOPLE], $after: String, $timezone: String! = "UTC") {
        pageviews(auth: $auth, pixelIds: $pixelIds, range: $range, filter: $filter, traffic: $traffic, first: $first,
            after: $after, timezone: $timezone) {
            code message reason data totalCount nodes { eventId url userId timestamp }
            pageInfo { hasNextPage hasPreviousPage endCursor }
        }
    }
"""


class Site(People):
    """An app of its own with its pixel, about which is asked."""

    def report(self, **report: Any) -> dict[str, Any]:
        return self(REPORT, report={"pixelIds": [self.site], "range": {"name": "LAST_7_DAYS"}, **report})

    def row(self, **report: Any) -> dict[str, Any]:
        (row,) = self.report(**report)["rows"]
        return dict(row)

    def by(self, dimension: str, field: str, **report: Any) -> dict[str, int]:
        """The pageviews of each value of a dimension."""
        rows = self.report(dimensions=[dimension], **report)["rows"]
        return {row[field]: row["pageviews"] for row in rows}

    def list(self, **question: Any) -> dict[str, Any]:
        return self(LIST, **{"pixelIds": [self.site], **question})

    def seen(self, count: int) -> None:
        """Wait until so many pageviews are in the event store."""
        everybody = {"metrics": ["PAGEVIEWS"], "traffic": ["PEOPLE", "BOTS", "AI_AGENTS"]}
        self.eventually(lambda: self.row(**everybody)["pageviews"], count)
