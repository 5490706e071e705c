"""The mail that tells a provider that a referral waits: a link, and nothing about the person."""

from dataclasses import dataclass

_WAITING = ("task.requested", "task.reminder")


@dataclass(frozen=True, slots=True)
class Mail:
    """Subject and plain text, in Finnish, Swedish and English."""

    subject: str
    text: str


def mail_about(event_type: str, link: str, *, test: bool) -> Mail:
    """The mail for an event of `event_type`: that a referral waits, or that one has changed. A test says so
    first."""
    waiting = event_type in _WAITING
    subject, paragraphs = (_WAITS_SUBJECT, _WAITS) if waiting else (_CHANGED_SUBJECT, _CHANGED)
    parts = [paragraph.format(link=link) for paragraph in paragraphs]
    if test:
        return Mail(f"TEST: {subject}", "\n".join([_TEST, *parts, _END]))
    return Mail(subject, "\n".join([*parts, _END]))


_WAITS_SUBJECT = "Teitä odottaa lähete / En remiss väntar på er / A referral waits for you"
_CHANGED_SUBJECT = "Lähete on muuttunut / En remiss har ändrats / A referral has changed"

_TEST = (
    "TEST - Tämä on testi: lähetteen takana ei ole ketään.\n"
    "TEST - Det här är ett test: det finns ingen person bakom remissen.\n"
    "TEST - This is a test: there is nobody behind the referral.\n"
)

_WAITS = (
    """Hei,

teitä odottaa uusi lähete. Avaa se tästä ja vastaa, voitteko ottaa sen vastaan:

{link}

Sivu kysyy organisaationne PIN-koodin.
""",
    """Hej,

en ny remiss väntar på er. Öppna den här och svara om ni kan ta emot den:

{link}

Sidan frågar efter er organisations PIN-kod.
""",
    """Hello,

a new referral waits for you. Open it here and answer whether you can take it:

{link}

The page asks for your organisation's PIN.
""",
)

_CHANGED = (
    "Hei,\n\nteille lähetetty lähete on muuttunut. Katso tilanne tästä, ennen kuin jatkatte:\n\n{link}\n",
    "Hej,\n\nen remiss till er har ändrats. Se läget här innan ni fortsätter:\n\n{link}\n",
    "Hello,\n\na referral that was sent to you has changed. See how it stands before you go on:\n\n{link}\n",
)

_END = "Lähetti. Tähän viestiin ei voi vastata. / Meddelandet kan inte besvaras. / Do not reply."
