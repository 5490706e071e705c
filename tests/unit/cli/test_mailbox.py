"""The mailbox is a real SMTP server that keeps what it is given."""

from email.message import EmailMessage

import aiosmtplib
from lahetti.simulators.mailbox import Mailbox, text_of


async def test_a_message_sent_over_smtp_is_kept_with_its_text() -> None:
    mailbox = Mailbox()
    await mailbox.start()
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "a@example.org",
        "hamina@example.org",
        "Lähete odottaa",
    )
    message.set_content("Avaa linkki: http://127.0.0.1/p/1\n")
    await aiosmtplib.send(message, hostname="127.0.0.1", port=mailbox.port)
    await mailbox.close()
    assert [text_of(kept).strip() for kept in mailbox.to("hamina@example.org")] == [
        "Avaa linkki: http://127.0.0.1/p/1"
    ]
    assert mailbox.to("kotka@example.org") == []
    assert len(mailbox.raw) == 1
