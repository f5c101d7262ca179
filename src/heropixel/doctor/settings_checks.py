"""Checks of the settings, and of the server that was started with them."""

from datetime import UTC, datetime
from importlib.metadata import version
from urllib.parse import urlsplit

from heropixel.doctor.diagnosis import Diagnosis, Subject, broken, ok, unknown, warning
from heropixel.doctor.ready import why_not_ready
from heropixel.enrichment import PlaceHeaders
from heropixel.processes.port import url_at
from heropixel.processes.steps import places_of
from heropixel.settings import Settings, no_settings
from heropixel.wire.proxies import Proxies


def server(subject: Subject) -> Diagnosis:
    """Whether a server runs, answers and takes pageviews, of this version and with these settings."""
    running = subject.server
    if running is None and not subject.settings.keeps_files:
        url = url_at(subject.settings.host, subject.settings.port)
        why = why_not_ready(url)
        return ok(f"one takes pageviews at {url}") if not why else unknown(f"none is seen on this machine: {why}")
    if running is None:
        return ok("none runs on this folder")
    named = f"{running.holder}, at {running.holder.url}" if running.holder.url else str(running.holder)
    if running.trouble:
        return broken(running.trouble)
    if running.state is None:
        return ok(f"none runs on this folder; another command has it open ({named})")
    if running.not_ready:
        return broken(f"{named}: {running.not_ready}", "Pageviews are refused now. The log of the server says more.")
    if running.state.version != version("heropixel"):
        found = f"{named} runs version {running.state.version}, and this command is {version('heropixel')}"
        return warning(found, "Restart the server, so that it runs the version that is installed.")
    return _settings_of_server(subject, named)


def _settings_of_server(subject: Subject, named: str) -> Diagnosis:
    ours, its = subject.given.without_secrets(), subject.settings.without_secrets()
    other = [_variable(name) for name in sorted(subject.given.model_fields_set - {"data"}) if ours[name] != its[name]]
    if other:
        found = f"{named} was started with another {', '.join(other)} than this command; the checks are of the server's"
        return warning(found, "If you have changed the settings, restart the server.")
    return ok(f"{named}, takes pageviews")


def _variable(name: str) -> str:
    return f"HEROPIXEL_{name.upper()}"


def names(subject: Subject) -> Diagnosis:
    """Whether each variable that looks like a setting is one."""
    wrong = [*no_settings(sorted(subject.variables))]
    if wrong:
        hints = [f"{variable} (did you mean {meant}?)" if meant else variable for variable, meant in wrong]
        found = f"no settings, and without effect: {', '.join(hints)}"
        return warning(found, "Correct the names; docs/settings.md lists all settings.")
    return ok(_which_differ(subject.settings) or "each has its default")


def _which_differ(settings: Settings) -> str:
    fields = Settings.model_fields.items()
    changed = [_variable(name) for name, field in fields if getattr(settings, name) != field.default]
    return f"other than the default: {', '.join(changed)}" if changed else ""


def contradictions(subject: Subject) -> Diagnosis:
    """Whether settings that belong together fit together."""
    settings = subject.settings
    PlaceHeaders.parse(Proxies.parse(settings.trusted_proxies, settings.address_header), settings.place_headers)
    for wrong, found, to_do in (
        (
            settings.max_events > settings.max_waiting,
            "HEROPIXEL_MAX_EVENTS is larger than HEROPIXEL_MAX_WAITING: a full `pageviews` call is always refused",
            "Raise HEROPIXEL_MAX_WAITING, or lower HEROPIXEL_MAX_EVENTS.",
        ),
        (
            settings.max_subscriptions > settings.max_listeners,
            "HEROPIXEL_MAX_SUBSCRIPTIONS is larger than HEROPIXEL_MAX_LISTENERS",
            "One connection may then have more subscriptions than all may: lower HEROPIXEL_MAX_SUBSCRIPTIONS.",
        ),
        (
            settings.max_introspected < _LEAST_INTROSPECTED and settings.public_schema,
            "HEROPIXEL_MAX_INTROSPECTED is too small for the explorer and for tools that read the schema",
            f"Leave it out, or set HEROPIXEL_MAX_INTROSPECTED to {_LEAST_INTROSPECTED} or more.",
        ),
        (
            bool(settings.address_header != Settings().address_header and not settings.trusted_proxies.strip()),
            "HEROPIXEL_ADDRESS_HEADER is set and no proxy is trusted: the header is never read",
            "Set HEROPIXEL_TRUSTED_PROXIES to the addresses of your proxies, see docs/proxying.md.",
        ),
    ):
        if wrong:
            return warning(found, to_do)
    return ok("none")


_LEAST_INTROSPECTED = 20_000  # what tools ask for, see `max_introspected`


def proxies(subject: Subject) -> Diagnosis:
    """Whether visitors have addresses of their own."""
    settings = subject.settings
    trusted = Proxies.parse(settings.trusted_proxies, settings.address_header)
    if trusted:
        return ok(f"{settings.trusted_proxies} give the visitor's address in {settings.address_header}")
    if settings.public_url and settings.public_url.startswith("https://"):
        found = "HEROPIXEL_PUBLIC_URL is https, so there is a proxy, and none is trusted: all visitors have its address"
        return warning(found, "Set HEROPIXEL_TRUSTED_PROXIES to the addresses of your proxies, see docs/proxying.md.")
    return ok("none is trusted: the visitor's address is that of the connection")


def public_url(subject: Subject) -> Diagnosis:
    """Whether links lead to the server."""
    url = subject.settings.public_url
    if url is None:
        return ok("not set: links have the address of the request")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        to_do = "Set HEROPIXEL_PUBLIC_URL to scheme, host and path, such as https://pixel.example.com."
        return broken(f"{url} is no address of a server: links that are sent lead nowhere", to_do)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        to_do = "Put a proxy with TLS in front, and set HEROPIXEL_PUBLIC_URL to its https address."
        return warning(f"{url} is plain http: browsers keep no session there, so nobody can sign in", to_do)
    return ok(url)


def places(subject: Subject) -> Diagnosis:
    """Whether the file of places can be read and is not old."""
    found = places_of(subject.settings)
    if found is None:
        return ok("no file of places: HEROPIXEL_PLACES is not set")
    path, built = subject.settings.places, found.built_at
    if not built:
        return unknown(f"{path} does not say when it was made")
    days = (subject.now // 1000 - built) // 86_400
    made = f"{path} was made on {datetime.fromtimestamp(built, UTC):%Y-%m-%d}"
    if days > _OLD_PLACES:
        to_do = "Replace the file by a newer one: the server takes it within a minute."
        return warning(f"{made}, {days} days ago: networks have moved since", to_do)
    return ok(made)


_OLD_PLACES = 92  # days; makers publish a new one every week or month
