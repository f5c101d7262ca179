"""The checks, in the order in which to fix what they find."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from heropixel.installation import page_checks, script_checks
from heropixel.installation.case import Case, CheckName, Finding


class Check(msgspec.Struct, frozen=True):
    """The result of one check."""

    name: CheckName
    passed: bool | None  # None: the check could not be made
    found: str
    to_do: str | None  # None: nothing, or nothing before another check has passed


def run_checks(case: Case) -> Sequence[Check]:
    """The results of all checks."""
    return tuple(Check(name, *check(case)) for name, check in CHECKS.items())


CHECKS: Mapping[CheckName, Callable[[Case], Finding]] = {
    CheckName.PAGE_REACHABLE: page_checks.page_reachable,
    CheckName.TAG_FOUND: page_checks.tag_found,
    CheckName.PIXEL_KNOWN: page_checks.pixel_known,
    CheckName.DOMAIN_AUTHORIZED: page_checks.domain_authorized,
    CheckName.SCRIPT_REACHABLE: script_checks.script_reachable,
    CheckName.INTEGRITY: script_checks.integrity,
    CheckName.ENDPOINT_REACHABLE: script_checks.endpoint_reachable,
    CheckName.POLICY_ALLOWS: script_checks.policy_allows,
    CheckName.CONSENT_AGREES: page_checks.consent_agrees,
}
