"""Prometheus metrics of one process; what a database must be asked is asked at the scrape."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
READ_SECONDS = 2.0
_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15)

Read = Callable[[], Awaitable[float]]


class Metrics:
    """Counters, histograms and gauges by name; asking twice for the same name gives the same metric."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        self._reads: list[tuple[Gauge, Mapping[str, str], Read]] = []

    def counter(self, name: str, text: str, labels: Sequence[str] = ()) -> Counter:
        if name not in self._counters:
            self._counters[name] = Counter(name, text, labels, registry=self.registry)
        return self._counters[name]

    def gauge(self, name: str, text: str, labels: Sequence[str] = ()) -> Gauge:
        if name not in self._gauges:
            self._gauges[name] = Gauge(name, text, labels, registry=self.registry)
        return self._gauges[name]

    def histogram(self, name: str, text: str, labels: Sequence[str] = ()) -> Histogram:
        """A histogram of seconds."""
        if name not in self._histograms:
            self._histograms[name] = Histogram(name, text, labels, registry=self.registry, buckets=_BUCKETS)
        return self._histograms[name]

    def at_scrape(self, name: str, text: str, read: Read, **labels: str) -> None:
        """A gauge whose value is `await read()` at each scrape, given 2 s; NaN where that fails.

        Several calls with one name and other label values are one metric, for example `lahetti_due_rows`
        with `service="collector", kind="deliveries"`.
        """
        self._reads.append((self.gauge(name, text, tuple(labels)), labels, read))

    async def render(self) -> bytes:
        """All metrics in the text format of Prometheus."""
        await asyncio.gather(*(_set(gauge, labels, read) for gauge, labels, read in self._reads))
        return generate_latest(self.registry)


async def _set(gauge: Gauge, labels: Mapping[str, str], read: Read) -> None:
    try:
        async with asyncio.timeout(READ_SECONDS):
            value = await read()
    except Exception:  # noqa: BLE001  # a metric that cannot be read must not hide the others
        value = float("nan")
    (gauge.labels(**labels) if labels else gauge).set(value)
