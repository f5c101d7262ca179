"""Every counter and histogram, named once. Served as Prometheus text at `/metrics`."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

registry = CollectorRegistry()

answered = Counter("heropixel_pageviews", "Pageviews recorded, by message", ["message"], registry=registry)
refused = Counter("heropixel_refused", "Requests refused, by reason", ["reason"], registry=registry)
# Not by message, as those of the API are: whoever sends a beacon and reads this would learn who is known.
beacons = Counter("heropixel_beacons", "Pageviews of browsers recorded", registry=registry)
beacons_dropped = Counter("heropixel_beacons_dropped", "Beacons dropped, by reason", ["reason"], registry=registry)
group_size = Histogram(
    "heropixel_group_pageviews",
    "Pageviews that shared one disk sync",
    buckets=(1, 4, 16, 64, 256, 1024),
    registry=registry,
)
group_seconds = Histogram(
    "heropixel_group_seconds",
    "Seconds from the look-up of a group to its last byte on the disk",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5),
    registry=registry,
)
loaded = Counter("heropixel_loaded_pageviews", "Pageviews loaded into the event store", registry=registry)
expired = Counter(
    "heropixel_expired_pageviews", "Pageviews dropped, being older than their pixel keeps them", registry=registry
)
load_failures = Counter("heropixel_load_failures", "Loads that failed and are tried again", registry=registry)
journal_pageviews = Gauge("heropixel_journal_pageviews", "Pageviews recorded and not loaded yet", registry=registry)
live_subscribers = Gauge("heropixel_live_subscribers", "Subscriptions that are open", registry=registry)
live_dropped = Counter("heropixel_live_dropped", "Subscriptions ended because they fell behind", registry=registry)
