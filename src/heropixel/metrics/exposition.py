"""The text of `/metrics`: the sums over all parts of a server, whichever of them is asked."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector

from heropixel.metrics import registry
from heropixel.metrics.region import Regions

_Labels = tuple[tuple[str, str], ...]
_Samples = Mapping[tuple[str, _Labels], float]


class Exposition(Collector):
    """Adds up what the parts have counted. `measured` gives the metrics that nobody counts."""

    def __init__(self, regions: Regions, measured: Callable[[], Iterable[Metric]] = tuple) -> None:
        self._regions = regions
        self._measured = measured
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def text(self) -> bytes:
        """All metrics as Prometheus text."""
        return generate_latest(self._registry)

    def describe(self) -> Iterable[Metric]:
        """No names, so that nothing is measured to know them."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All metrics."""
        sums = self._sums()
        for counted in registry.collect():
            metric = Metric(counted.name, counted.documentation, counted.type)
            add = _add_histogram if counted.type == "histogram" else _add_numbers
            add(metric, sums.get(counted.name, {}))
            if counted.type != "gauge":
                self._say_since_when(metric)
            yield metric
        yield from self._measured()

    def _sums(self) -> Mapping[str, _Samples]:
        sums: dict[str, dict[tuple[str, _Labels], float]] = defaultdict(lambda: defaultdict(float))
        for region in self._regions.of.values():
            for name, number in region.read():
                sums[name.metric][name.sample, tuple(name.labels.items())] += number
        return sums

    def _say_since_when(self, metric: Metric) -> None:
        for labels in dict.fromkeys(_without_bucket(sample.labels) for sample in metric.samples):
            metric.add_sample(f"{metric.name}_created", dict(labels), self._regions.began)


def _add_numbers(metric: Metric, sums: _Samples) -> None:
    for (sample, labels), number in sums.items():
        metric.add_sample(sample, dict(labels), number)


def _add_histogram(metric: Metric, sums: _Samples) -> None:
    """Each bucket is counted alone; Prometheus wants to know how many are at most so large."""
    buckets: dict[_Labels, dict[str, float]] = defaultdict(dict)
    for (_, labels), number in sums.items():
        named = dict(labels)
        if _BUCKET in named:
            buckets[_without_bucket(named)][named[_BUCKET]] = number
    for labels, numbers in buckets.items():
        count = 0.0
        for bound in sorted(numbers, key=float):
            count += numbers[bound]
            metric.add_sample(f"{metric.name}_bucket", {**dict(labels), _BUCKET: bound}, count)
        metric.add_sample(f"{metric.name}_count", dict(labels), count)
        metric.add_sample(f"{metric.name}_sum", dict(labels), sums[f"{metric.name}_sum", labels])


_BUCKET = "le"


def _without_bucket(labels: Mapping[str, str]) -> _Labels:
    return tuple((name, value) for name, value in labels.items() if name != _BUCKET)
