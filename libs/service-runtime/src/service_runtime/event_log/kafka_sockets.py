"""Sockets of the Kafka clients: one that never got connected is closed at once.

kafka-python 3.0 leaves it to the garbage collector when a connection is refused, takes too long, or is given
up because its client closes. It picks its kind of socket by the scheme of `proxy_url`; `DIRECT` names ours,
which is no proxy.
"""

import socket
from typing import Any, Final

from kafka.net import KafkaNetSocket

DIRECT: Final = "direct://"


class _ClosingSocket(KafkaNetSocket):
    SCHEMES = ("direct",)

    async def sock_connect(
        self, net: Any, sock: socket.socket, sockaddr: Any, timeout_at: float | None = None
    ) -> socket.socket:
        """As its own, and closes what fails."""
        try:
            return await super().sock_connect(net, sock, sockaddr, timeout_at=timeout_at)
        except BaseException:
            sock.close()
            raise
