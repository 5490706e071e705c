"""A connection to Kafka that comes to nothing leaves no socket open."""

import socket
from collections.abc import Coroutine, Generator
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError
from kafka.net import KafkaNetSocket
from service_runtime.event_log.kafka_sockets import DIRECT


class Waiting:
    """A network that never says that a socket is ready."""

    def wait_write(self, _sock: socket.socket, timeout_at: float | None = None) -> "Waiting":
        return self

    def __await__(self) -> Generator[None]:
        yield


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[socket.socket]:
    """The sockets that were made."""
    sockets: list[socket.socket] = []

    def make(_self: Any, *args: Any) -> socket.socket:
        sockets.append(socket.socket(*args))
        return sockets[-1]

    monkeypatch.setattr(KafkaNetSocket, "socket", make)
    return sockets


def address(port: int) -> tuple[Any, ...]:
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))


def driven(connecting: Coroutine[Any, Any, Any]) -> None:
    while True:
        connecting.send(None)


def test_a_connection_that_is_given_up_is_closed(made: list[socket.socket]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        connecting = KafkaNetSocket(DIRECT).connect(Waiting(), address(listener.getsockname()[1]))
        connecting.send(None)
        assert made[0].fileno() >= 0
        connecting.close()
    assert made[0].fileno() == -1


def test_a_connection_that_is_refused_is_closed(made: list[socket.socket]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        connecting = KafkaNetSocket(DIRECT).connect(Waiting(), address(port))
        with pytest.raises(KafkaConnectionError):
            driven(connecting)
    assert made[0].fileno() == -1
