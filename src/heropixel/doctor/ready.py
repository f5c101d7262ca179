"""Asks a server on this machine what a load balancer asks."""

import httpx

_SECONDS = 10.0


def why_not_ready(url: str) -> str:
    """What a load balancer is told; empty where it is told that the server is ready."""
    try:
        with httpx.Client(trust_env=False, verify=False, timeout=_SECONDS) as http:  # noqa: S501 - it is plain http
            answer = http.get(f"{url}/ready")
    except httpx.HTTPError as error:
        return f"{url}/ready does not answer ({error})"
    return "" if answer.is_success else answer.text.strip()
