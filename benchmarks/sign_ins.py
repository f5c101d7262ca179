"""How fast pageviews are answered while a flood of sign-ins comes, each with another account and another address.

Each sign-in that is not refused at once hashes a password, for 25 ms on its own. The server here trusts this machine
as a proxy, so that the flood seems to come from everywhere, and no limit of an address stops it.
"""

import threading
from collections.abc import Iterator

import msgspec

from benchmarks.backlog import wait_until_loaded
from benchmarks.line import Line
from benchmarks.load import Outcome, drive_requests, request
from benchmarks.pageviews import CONNECTIONS, single_bodies
from benchmarks.servers import spawn_product
from benchmarks.stage import RUN, Stage
from benchmarks.turns import Turns
from benchmarks.world import World

FLOOD = 32  # connections
PAUSE = 0.1  # seconds between the sign-ins of one: 320 a second together, ten times what can be hashed
ACCOUNTS = 10_000
TARGET = 0.9

_SIGN_IN = 'mutation ($email: String!) { signIn(email: $email, password: "a wrong password") { message } }'


def measure(stage: Stage) -> Iterator[Line]:
    """Pageviews alone and beside the flood, in turns."""
    world = World.kept(stage.scale.users).copied_to(RUN / "sign-ins")
    bodies, flood = single_bodies(world, seed=11), [_sign_in(number) for number in range(ACCOUNTS)]
    alone, beside = Turns(CONNECTIONS), Turns(CONNECTIONS)
    floods: list[Outcome] = []
    with spawn_product(world.folder, HEROPIXEL_TRUSTED_PROXIES="127.0.0.1") as server:
        server.wait_until_at_work()
        for _ in range(stage.scale.rounds):
            alone.take(server, bodies, stage.scale.seconds)
            beside.wait()
            flooding = threading.Thread(target=lambda: floods.append(_flood(server.port, flood, stage.scale.seconds)))
            flooding.start()
            beside.take_now(server, bodies, stage.scale.seconds)
            flooding.join()
            wait_until_loaded(server)
    hashed = sum(outcome.answers.get("The email or the password is wrong", 0) for outcome in floods)
    sent = sum(sum(outcome.answers.values()) for outcome in floods)
    yield Line(
        "pageviews beside a flood of sign-ins",
        beside.rate,
        "/s",
        "alone",
        alone.rate,
        ">=",
        TARGET,
        note=f"{beside.beside(alone)}; {sent:,} sign-ins came, {hashed:,} were hashed",
    )


def _sign_in(number: int) -> bytes:
    """A request to sign in: of another account, from another address."""
    body = msgspec.json.encode({"query": _SIGN_IN, "variables": {"email": f"nobody-{number}@example.com"}})
    address = f"X-Forwarded-For: 203.{number % 250}.{number // 250}.7\r\n\r\n".encode()
    return request(body).replace(b"\r\n\r\n", b"\r\n" + address, 1)


def _flood(port: int, requests: list[bytes], seconds: float) -> Outcome:
    return drive_requests(port, requests, connections=FLOOD, seconds=seconds, pause=PAUSE)
