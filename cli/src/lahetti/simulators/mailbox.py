"""A real SMTP server that keeps what it is given."""

import asyncio
import email
import email.policy
import socket
from collections.abc import Callable
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from lahetti.simulators.loopback import HOST


class Mailbox:
    """Listens on a loopback port; `messages` holds each mail as it came in, `raw` its bytes.

    `on_message` gets the bytes of each at once.
    """

    def __init__(self, on_message: Callable[[bytes], None] | None = None) -> None:
        self.raw: list[bytes] = []
        self.messages: list[EmailMessage] = []
        self._on_message = on_message
        self._server: asyncio.Server | None = None
        self._socket = socket.create_server((HOST, 0))
        self.port: int = self._socket.getsockname()[1]

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="localhost"), sock=self._socket)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        self._socket.close()

    def to(self, address: str) -> list[EmailMessage]:
        """The messages for `address`, oldest first."""
        return [message for message in self.messages if address in str(message["To"])]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's name and arguments
        """Keep the message (aiosmtpd calls this)."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        self.raw.append(raw)
        parsed = email.message_from_bytes(raw, policy=email.policy.default)
        self.messages.append(parsed)
        if self._on_message is not None:
            self._on_message(raw)
        return "250 Message accepted for delivery"


def text_of(message: EmailMessage) -> str:
    """The plain text of a message, decoded."""
    body = message.get_body(("plain",))
    return body.get_content() if body is not None else ""
