"""Sends notifications as mail, through the installation's own mail server."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

import aiosmtplib
from service_runtime.clock import Clock
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.sender import Attempted, Delivery

from provider_notifier.adapters.endpoint_book import KnownEndpoint
from provider_notifier.domain.mail import mail_about
from provider_notifier.domain.notice import Notice
from provider_notifier.ports import Links, LinkUnavailableError


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes out. `seconds` bounds each step of the conversation; `authorities` is a file of
    certificates to trust instead of the system's."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str | None
    password: str | None
    seconds: float
    authorities: Path | None = None


class EmailSender:
    """Sends "a referral waits for you" with a link that is asked for at the moment of sending.

    The mail server is ours, so that it cannot be reached or refuses our login is a fault of our own; what it
    says about the recipient or the message is the receiver's answer: 4xx is deferred, 5xx refused for
    good."""

    def __init__(
        self,
        server: MailServer,
        sender: str,
        known: Mapping[str, KnownEndpoint],
        links: Links,
        clock: Clock,
    ) -> None:
        self._server, self._sender, self._known = server, sender, known
        self._links, self._clock = links, clock

    async def send(self, delivery: Delivery) -> Attempted:
        """One message. Its Message-ID is the event's id, the same in each attempt."""
        notice = Notice.from_bytes(delivery.payload)
        if not self._known[delivery.endpoint].address.hears_of(test=notice.test):
            return Attempted(AttemptClass.NO_LISTENER)
        try:
            link = await self._links.link(notice.task)
        except LinkUnavailableError:
            return Attempted(AttemptClass.OWN_FAULT)
        try:
            message = self._message(delivery, notice, link)
        except ValueError:
            return Attempted(AttemptClass.INVALID_URL)
        try:
            await self._hand_over(message)
        except aiosmtplib.SMTPAuthenticationError as error:
            return Attempted(AttemptClass.OWN_FAULT, status_code=error.code)
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _answered(error.recipients[0].code)
        except aiosmtplib.SMTPConnectResponseError as error:
            return Attempted(AttemptClass.OWN_FAULT, status_code=error.code)
        except aiosmtplib.SMTPResponseException as error:
            return _answered(error.code)
        except (aiosmtplib.SMTPException, OSError):
            return Attempted(AttemptClass.OWN_FAULT)
        return Attempted(AttemptClass.DELIVERED, status_code=250)

    def _message(self, delivery: Delivery, notice: Notice, link: str) -> EmailMessage:
        mail = mail_about(notice.type, link, test=notice.test)
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = self._known[delivery.endpoint].address.address
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{delivery.event_id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        if message["To"].defects or not message["To"].addresses:
            raise ValueError("not a mail address")
        return message

    async def _hand_over(self, message: EmailMessage) -> None:
        server = self._server
        await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            timeout=server.seconds,
            use_tls=server.security == "tls",
            # Required, not opportunistic: a mail server that offers no TLS gets no mail.
            start_tls=server.security == "starttls",
            tls_context=ssl.create_default_context(cafile=server.authorities)
            if server.security != "none"
            else None,
        )


def _answered(code: int) -> Attempted:
    refused = 500 <= code < 600
    return Attempted(AttemptClass.MAIL_REFUSED if refused else AttemptClass.MAIL_DEFERRED, status_code=code)
