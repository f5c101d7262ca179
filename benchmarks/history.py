"""Pageviews of the past, made by the engine itself: `python -m benchmarks.history FOLDER APP PIXEL USERS PAGEVIEWS`.

A process of its own, since one process at a time can open an event store, and the server is to be the next.
"""

import subprocess
import sys

import clickhouse_connect

from benchmarks.world import World
from heropixel.directory.tables import APP_SHIFT
from heropixel.events import Events
from heropixel.settings import Settings

_INSERT = """
    INSERT INTO heropixel.pageviews
        (app, pixel_id, timestamp, received, journal_position, event_id, user_id, visitor_id, session_id, resolution,
         matched_on, domain, url, title, referrer, user_agent, language)
    SELECT {app}, {pixel}, now64(3) - toIntervalSecond(number % 7776000), now64(3), number, hex(cityHash64(number)),
           {first} + cityHash64(number) % {users}, concat('v', toString(cityHash64(number) % {users})),
           hex(cityHash64(number, 1)), 'FOUND', 'MD5', 'example.com',
           concat('https://example.com/page/', toString(cityHash64(number, 2) % 5000)),
           concat('Page ', toString(cityHash64(number, 2) % 5000)), 'https://search.example/',
           'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36', 'en-GB'
    FROM numbers({pageviews})
"""


def make(world: World, app: int, pageviews: int) -> None:
    """Fill the event store of a world whose server does not run."""
    facts = [str(world.folder), str(app), str(world.pixel), str(world.users), str(pageviews)]
    subprocess.run([sys.executable, "-m", "benchmarks.history", *facts], check=True)


def main() -> None:
    """The process of its own."""
    folder, *facts = sys.argv[1:]
    app, pixel, users, pageviews = map(int, facts)
    url = Settings(data=folder).url_of_events()
    Events(url).close()  # makes the tables
    client = clickhouse_connect.get_client(dsn=url)
    first = (app << APP_SHIFT) + 1
    client.command(_INSERT.format(app=app, pixel=pixel, users=users, first=first, pageviews=pageviews))
    client.close()


if __name__ == "__main__":
    main()
