"""Every counter and histogram, named once. `exposition.py` makes the text of `/metrics`, for all processes together."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values

from heropixel.metrics.value import RegionValue

# The library takes the class of a metric's numbers from here, for new combinations of labels at any time.
values.ValueClass = RegionValue

registry = CollectorRegistry()

answered = Counter("heropixel_pageviews", "Pageviews recorded, by message", ["message"], registry=registry)
refused = Counter("heropixel_refused", "Requests refused, by reason", ["reason"], registry=registry)
malformed = Counter(
    "heropixel_malformed_requests",
    "HTTP requests that could not be parsed, were too large or too slow, by status",
    ["status"],
    registry=registry,
)
log_lines_left_out = Counter(
    "heropixel_log_lines_left_out", "Lines left out of the log, since many of one kind came", registry=registry
)
# Without the label `message`, which pageviews of the API have: a client could send a beacon, read this counter, and
# learn whether a user is known.
beacons = Counter("heropixel_beacons", "Pageviews from browsers recorded", registry=registry)
beacons_dropped = Counter("heropixel_beacons_dropped", "Beacons dropped, by reason", ["reason"], registry=registry)
group_size = Histogram(
    "heropixel_group_pageviews",
    "Pageviews in one group, which share a disk sync",
    buckets=(1, 4, 16, 64, 256, 1024),
    registry=registry,
)
group_seconds = Histogram(
    "heropixel_group_seconds",
    "Seconds from the lookup of a group until it is on the disk",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5),
    registry=registry,
)
part_starts = Counter(
    "heropixel_part_starts", "Starts of a part of the server, the first one too", ["part"], registry=registry
)
loaded = Counter("heropixel_loaded_pageviews", "Pageviews loaded into the event store", registry=registry)
expired = Counter(
    "heropixel_expired_pageviews", "Pageviews dropped because the retention of their pixel ended", registry=registry
)
load_failures = Counter(
    "heropixel_load_failures", "Loads into the event store that failed and are tried again", registry=registry
)
live_subscribers = Gauge("heropixel_live_subscribers", "Open subscriptions", registry=registry)
live_dropped = Counter(
    "heropixel_live_dropped", "Subscriptions ended because the subscriber was too slow", registry=registry
)
