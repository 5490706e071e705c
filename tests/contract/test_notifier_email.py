"""The email sender against a real SMTP server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from provider_notifier.adapters.email_sender import EmailSender, MailServer
from provider_notifier.ports import LinkUnavailableError
from service_runtime.clock import SystemClock
from service_runtime.delivery.sender import Attempted
from support.certificates import Certificate, make_certificate
from support.notifier import a_claimed_delivery, a_notice, an_address, known

LINK = "https://lahetti.example.org/p/abc"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


class Links:
    """Port `Links`."""

    def __init__(self, *, reachable: bool = True) -> None:
        self.asked: list[str] = []
        self._reachable = reachable

    async def link(self, task: str) -> str:
        self.asked.append(task)
        if not self._reachable:
            raise LinkUnavailableError("the collector gave no answer")
        return LINK


class Server:
    """What aiosmtpd asks: the answers to RCPT and DATA."""

    def __init__(self, recipient: str = "250 OK", data: str = "250 OK") -> None:
        self.received: list[bytes] = []
        self._recipient, self._data = recipient, data

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self._recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 aiosmtpd's name
        self.received.append(envelope.content)
        return self._data


@asynccontextmanager
async def mail_server(server: Server, **options: Any) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(server, hostname="mx", **options), "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await listening.wait_closed()


async def send(port: int, links: Links | None = None, **given: Any) -> Attempted:
    server = MailServer(
        "localhost",
        port,
        given.pop("security", "none"),
        given.pop("user", None),
        given.pop("password", None),
        2,
        given.pop("authorities", None),
    )
    notice = given.setdefault("notice", a_notice())
    address = an_address(
        channel="email",
        address=given.pop("address", "info@gym.example.org"),
        active=given.pop("active", True),
        test=notice.test,
    )
    sender = EmailSender(server, "lahetti@example.org", known(address), links or Links(), SystemClock())
    return await sender.send(a_claimed_delivery(given.pop("notice"), **given))


async def test_a_mail_says_that_a_referral_waits_with_a_link_asked_for_when_it_is_sent() -> None:
    server, links, notice = Server(), Links(), a_notice()
    async with mail_server(server) as port:
        attempted = await send(port, links, notice=notice, event_id="e-1")

    message = message_from_bytes(server.received[0], policy=policy.default)
    body = message.get_body()
    assert body is not None
    assert (attempted.outcome, attempted.status_code) == ("delivered", 250)
    assert links.asked == [notice.task]
    assert LINK in body.get_content()
    assert message["Subject"].startswith("Teitä odottaa lähete")
    assert message["To"] == "info@gym.example.org"
    assert message["Message-ID"] == "<e-1@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert notice.task not in server.received[0].decode()
    assert notice.referral not in server.received[0].decode()


async def test_a_test_is_marked_in_subject_and_text() -> None:
    server = Server()
    async with mail_server(server) as port:
        await send(port, notice=a_notice(test=True))

    message = message_from_bytes(server.received[0], policy=policy.default)
    body = message.get_body()
    assert body is not None
    assert message["Subject"].startswith("TEST")
    assert body.get_content().startswith("TEST")


@pytest.mark.parametrize(
    ("recipient", "data", "outcome"),
    [
        ("550 no such mailbox", "250 OK", "mail_refused"),
        ("451 try later", "250 OK", "mail_deferred"),
        ("250 OK", "554 refused", "mail_refused"),
        ("250 OK", "452 full", "mail_deferred"),
    ],
)
async def test_what_the_mail_server_says_is_classed(recipient: str, data: str, outcome: str) -> None:
    async with mail_server(Server(recipient, data)) as port:
        attempted = await send(port)

    assert attempted.outcome == outcome
    assert str(attempted.status_code) in (recipient[:3], data[:3])


async def test_without_a_link_no_mail_is_sent_and_the_fault_is_ours() -> None:
    server = Server()
    async with mail_server(server) as port:
        attempted = await send(port, Links(reachable=False))

    assert attempted.outcome == "own_fault"
    assert server.received == []


async def test_a_mail_server_that_cannot_be_reached_is_a_fault_of_our_own() -> None:
    async with mail_server(Server()) as port:
        pass

    assert (await send(port)).outcome == "own_fault"


async def test_a_mail_server_without_tls_gets_no_mail_where_tls_is_required() -> None:
    server = Server()
    async with mail_server(server) as port:
        attempted = await send(port, security="starttls")

    assert attempted.outcome == "own_fault"
    assert server.received == []


@pytest.mark.parametrize(("password", "outcome"), [("right", "delivered"), ("wrong", "own_fault")])
async def test_mail_is_handed_over_by_starttls_and_with_our_login(
    password: str, outcome: str, certificate: Certificate
) -> None:
    def check(_: Any, __: Any, ___: Any, ____: Any, given: Any) -> AuthResult:
        return AuthResult(success=given.password == b"right")

    server = Server()
    async with mail_server(
        server,
        tls_context=certificate.context(),
        require_starttls=True,
        authenticator=check,
        auth_required=True,
    ) as port:
        attempted = await send(
            port, security="starttls", user="lahetti", password=password, authorities=certificate.file
        )

    assert attempted.outcome == outcome
    assert len(server.received) == (outcome == "delivered")


async def test_a_mail_server_whose_certificate_nobody_vouches_for_gets_no_mail(
    certificate: Certificate,
) -> None:
    server = Server()
    async with mail_server(server, tls_context=certificate.context(), require_starttls=True) as port:
        attempted = await send(port, security="starttls")

    assert attempted.outcome == "own_fault"
    assert server.received == []


@pytest.mark.parametrize("address", ["not an address", "", "a@b.example\r\nBcc: x@y.example"])
async def test_what_is_no_mail_address_is_permanent(address: str) -> None:
    server = Server()
    async with mail_server(server) as port:
        attempted = await send(port, address=address)

    assert attempted.outcome == "invalid_url"
    assert server.received == []


async def test_an_endpoint_that_was_switched_off_since_gets_no_mail() -> None:
    server = Server()
    async with mail_server(server) as port:
        attempted = await send(port, active=False)

    assert attempted.outcome == "no_listener"
    assert server.received == []
