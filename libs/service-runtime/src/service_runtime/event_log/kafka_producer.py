"""The producing half of the Kafka adapter: blocking, so it lives on one thread."""

from collections.abc import Collection, Sequence
from concurrent.futures import Future
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from service_runtime.event_log.kafka_sockets import DIRECT
from service_runtime.event_log.port import Message, TopicMissingError

# A relay must not hang as long as its lease lasts: what was not confirmed by then is published again.
_REQUEST_MS = 4000
_DELIVERY_MS = 5000
_BLOCK_MS = 2000


class Producer:
    """Sends idempotently and waits for all in-sync replicas. Use it from one thread."""

    def __init__(self, servers: Sequence[str], client_id: str, prefix: str) -> None:
        self._settings: dict[str, Any] = {
            "bootstrap_servers": list(servers),
            "proxy_url": DIRECT,
            "client_id": client_id,
            "acks": "all",
            "enable_idempotence": True,
            # Batches form while the caller's last call is under way; waiting on top would only add latency.
            "linger_ms": 0,
            "max_block_ms": _BLOCK_MS,
            "request_timeout_ms": _REQUEST_MS,
            "delivery_timeout_ms": _DELIVERY_MS,
            "bootstrap_timeout_ms": _REQUEST_MS,
            "reconnect_backoff_max_ms": 1000,
            "allow_auto_create_topics": False,
            "metrics_enabled": False,
        }
        self._prefix = prefix
        self._producer: KafkaProducer | None = None
        self._broken: Exception | None = None

    def send(self, messages: Sequence[Message], topics: Collection[str]) -> list[Exception | None]:
        """Publish; one answer a message. `topics` are the logical names of those that exist.

        Messages of one topic and key go out one after the other's acknowledgement: of two batches under way
        the first could fail and the second succeed."""
        answers: list[Exception | None] = [None] * len(messages)
        failed = dict[tuple[str, str], Exception]()
        for wave in _waves(messages):
            sent: list[tuple[int, Any]] = []
            for index in wave:
                message = messages[index]
                if message.topic not in topics:
                    answers[index] = TopicMissingError()
                elif error := failed.get((message.topic, message.key)):
                    answers[index] = error
                else:
                    sent.append((index, self._send(message)))
            for index, future in sent:
                if error := _outcome(future):
                    answers[index] = failed[messages[index].topic, messages[index].key] = error
        if failed:
            self._start_afresh()
        self._broken = None
        return answers

    def close(self) -> None:
        """Let go of the broker; nothing is under way between two calls."""
        if self._producer is not None:
            self._producer.close(timeout=1)
            self._producer = None

    def _send(self, message: Message) -> Any:
        if self._broken is not None:
            return _failed(self._broken)
        try:
            if self._producer is None:
                self._producer = KafkaProducer(**self._settings)
            return self._producer.send(
                self._prefix + message.topic,
                key=message.key.encode(),
                value=message.value,
                headers=[(name, value.encode()) for name, value in message.headers.items()],
            )
        except KafkaTimeoutError as error:
            self._broken = error  # the others of this call would each wait as long
            return _failed(error)
        except (KafkaError, ValueError) as error:
            return _failed(error)

    def _start_afresh(self) -> None:
        """After a failure: a producer whose sequence is broken does not always mend itself."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=0)


def _waves(messages: Sequence[Message]) -> list[list[int]]:
    """The messages' indices, the n-th of each topic and key in the n-th list."""
    waves: list[list[int]] = []
    seen: dict[tuple[str, str], int] = {}
    for index, message in enumerate(messages):
        place = seen.get((message.topic, message.key), 0)
        seen[message.topic, message.key] = place + 1
        if place == len(waves):
            waves.append([])
        waves[place].append(index)
    return waves


def _outcome(future: Any) -> Exception | None:
    try:
        future.get(_DELIVERY_MS / 1000 + 1)
    except (KafkaError, ValueError) as error:
        return error
    return None


def _failed(error: Exception) -> Future[None]:
    future = Future[None]()
    future.set_exception(error)
    return future
