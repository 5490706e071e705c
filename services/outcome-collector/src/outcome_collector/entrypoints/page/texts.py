"""The one catalogue of the page's texts, in Finnish, Swedish and English (D32)."""

from typing import Literal, get_args

Language = Literal["fi", "sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
NAMES: dict[Language, str] = {"fi": "Suomi", "sv": "Svenska", "en": "English"}

_TEXTS: dict[str, tuple[str, str, str]] = {
    "title": ("Lähete", "Remiss", "Referral"),
    "skip": ("Siirry sisältöön", "Gå till innehållet", "Skip to content"),
    "languages": ("Kieli", "Språk", "Language"),
    "test": (
        "TESTI: tämä ei ole oikea lähete",
        "TEST: det här är ingen riktig remiss",
        "TEST: this is not a real referral",
    ),
    "waiting": ("Teitä odottaa lähete", "En remiss väntar på er", "A referral is waiting for you"),
    "waiting_for": (
        "{organisation}: joku odottaa yhteydenottoanne.",
        "{organisation}: någon väntar på att ni hör av er.",
        "{organisation}: someone is waiting to hear from you.",
    ),
    "pin_why": (
        "Lähetteessä on asiakkaan tietoja. Avatkaa se organisaationne PIN-koodilla.",
        "Remissen innehåller klientens uppgifter. Öppna den med er organisations PIN-kod.",
        "The referral holds a client's details. Open it with your organisation's PIN.",
    ),
    "pin": ("PIN-koodi", "PIN-kod", "PIN"),
    "pin_hint": (
        "Organisaationne yhteyshenkilöllä on koodi.",
        "Er organisations kontaktperson har koden.",
        "Your organisation's contact person has the code.",
    ),
    "open": ("Avaa lähete", "Öppna remissen", "Open the referral"),
    "gone_title": (
        "Linkki ei ole enää käytössä",
        "Länken används inte längre",
        "This link is no longer in use",
    ),
    "gone": (
        "Lähete on päättynyt tai linkki ei ole oikea. Jos odotatte lähetettä, kysykää uusi linkki hyvinvointialueen yhteyshenkilöltä.",
        "Remissen är avslutad eller länken är fel. Om ni väntar på en remiss, be välfärdsområdets kontaktperson om en ny länk.",
        "The referral has ended, or the link is not right. If you expect a referral, ask the county's contact person for a new link.",
    ),
    "trouble_title": (
        "Lähetettä ei saatu juuri nyt auki",
        "Remissen kunde inte öppnas just nu",
        "The referral could not be opened right now",
    ),
    "trouble": (
        "Vika on meillä, ja lähete on tallessa. Yrittäkää muutaman minuutin kuluttua uudelleen.",
        "Felet är vårt och remissen är i säkert förvar. Försök igen om några minuter.",
        "The fault is ours, and the referral is safe. Try again in a few minutes.",
    ),
    "withdrawn_title": ("Lupa on peruttu", "Tillståndet har återkallats", "The permission was withdrawn"),
    "withdrawn": (
        "Asiakas on perunut luvan. Tietoja ei enää näytetä, eikä asiakkaaseen oteta yhteyttä.",
        "Klienten har återtagit sitt tillstånd. Uppgifterna visas inte längre, och klienten ska inte kontaktas.",
        "The client has withdrawn the permission. The details are no longer shown; please do not contact the client.",
    ),
    "call": ("Soittakaa", "Ring", "Call"),
    "call_guardian": ("Soittakaa huoltajalle", "Ring vårdnadshavaren", "Call the guardian"),
    "about_child": (
        "Lähete koskee lasta: {name}",
        "Remissen gäller ett barn: {name}",
        "The referral is for a child: {name}",
    ),
    "when": ("Miten ja milloin", "Hur och när", "How and when"),
    "when_none": ("Ei erityistä toivetta.", "Inga särskilda önskemål.", "No particular wish."),
    "contact_by": ("Ottakaa yhteyttä viimeistään", "Kontakta senast", "Get in touch by"),
    "language_spoken": ("Asiakkaan kieli", "Klientens språk", "The client's language"),
    "interpreter": ("Tarvitsee tulkin", "Behöver tolk", "Needs an interpreter"),
    "reasons": ("Miksi lähete tehtiin", "Varför remissen gjordes", "Why the referral was made"),
    "referrer": ("Lähetteen tekijä", "Remittent", "Referred by"),
    "referrer_hint": (
        "Häneltä voitte kysyä lisää.",
        "Ni kan fråga mer av hen.",
        "You can ask them for more.",
    ),
    "protected": (
        "Turvakielto: vain nimi ja puhelinnumero. Älkää antako tietoja eteenpäin.",
        "Spärrmarkering: endast namn och telefonnummer. Ge inte uppgifterna vidare.",
        "Protected person: name and phone only. Do not pass the details on.",
    ),
    "status": ("Tilanne", "Läge", "Where things stand"),
    "status_requested": ("Odottaa vastaustanne", "Väntar på ert svar", "Waiting for your answer"),
    "status_accepted": ("Otettu vastaan", "Mottagen", "Accepted"),
    "status_in-progress": ("Käynnissä", "Pågår", "In progress"),
    "status_on-hold": ("Odottaa", "Vilande", "On hold"),
    "status_completed": ("Toteutunut", "Genomförd", "Completed"),
    "status_rejected": ("Päättynyt", "Avslutad", "Ended"),
    "status_failed": ("Päättynyt", "Avslutad", "Ended"),
    "status_cancelled": ("Peruttu", "Återtagen", "Cancelled"),
    "status_entered-in-error": ("Tehty virheellisesti", "Gjord av misstag", "Made in error"),
    "attempts": ("Yhteydenottoyritykset", "Kontaktförsök", "Contact attempts"),
    "attempts_none": ("Ei vielä yrityksiä.", "Inga försök ännu.", "None yet."),
    "attempt_no_answer": ("ei vastausta", "inget svar", "no answer"),
    "what_now": ("Mitä tapahtui?", "Vad hände?", "What happened?"),
    "attempt_title": ("Yritin ottaa yhteyttä", "Jag försökte ta kontakt", "I tried to get in touch"),
    "attempt_result": ("Miten kävi?", "Hur gick det?", "How did it go?"),
    "attempt_option_no_answer": ("En saanut vastausta", "Jag fick inget svar", "There was no answer"),
    "attempt_option_reached": ("Tavoitin asiakkaan", "Jag nådde klienten", "I reached the client"),
    "attempt_save": ("Kirjaa yritys", "Anteckna försöket", "Record the attempt"),
    "accept_title": ("Otamme asiakkaan vastaan", "Vi tar emot klienten", "We take the client on"),
    "accept_hint": (
        "Lupaatte olla yhteydessä asiakkaaseen.",
        "Ni lovar att kontakta klienten.",
        "You promise to contact the client.",
    ),
    "accept_save": ("Ota vastaan", "Ta emot", "Accept"),
    "start_title": ("Toiminta on alkanut", "Verksamheten har börjat", "It has started"),
    "start_save": ("Kirjaa alkaneeksi", "Anteckna som påbörjad", "Record the start"),
    "complete_title": ("Toteutui", "Genomfördes", "It was completed"),
    "complete_what": (
        "Mihin asiakas ohjautui? (valinnainen)",
        "Vad ledde det till? (valfritt)",
        "What did it lead to? (optional)",
    ),
    "complete_option_visit": ("Neuvontakäynti", "Rådgivningsbesök", "A counselling visit"),
    "complete_option_group": ("Ryhmä", "Grupp", "A group"),
    "complete_option_course": ("Kurssi", "Kurs", "A course"),
    "complete_option_own": ("Omatoiminen liikkuminen", "Motion på egen hand", "Moving on one's own"),
    "complete_save": ("Kirjaa toteutuneeksi", "Anteckna som genomförd", "Record as completed"),
    "end_title": ("Ei onnistunut", "Lyckades inte", "It did not work out"),
    "end_reason": ("Syy", "Orsak", "Reason"),
    "end_choose": ("Valitkaa syy", "Välj orsak", "Choose a reason"),
    "end_comment": (
        "Lisätieto (pakollinen, jos syy on muu)",
        "Tilläggsuppgift (obligatorisk om orsaken är annan)",
        "More (required when the reason is other)",
    ),
    "end_save": ("Päätä lähete", "Avsluta remissen", "End the referral"),
    "saved": ("Kirjattu. Kiitos.", "Antecknat. Tack.", "Recorded. Thank you."),
    "nothing_to_do": (
        "Tämä lähete on päättynyt. Teiltä ei odoteta mitään. Kiitos.",
        "Remissen är avslutad. Inget mer väntas av er. Tack.",
        "This referral has ended. Nothing more is expected of you. Thank you.",
    ),
    "refused": ("Kirjaus ei onnistunut", "Anteckningen lyckades inte", "This could not be recorded"),
    "close_session": ("Sulje", "Stäng", "Close"),
    "foot": (
        "Lähetti välittää lähetteen hyvinvointialueelta teille. Palvelu on asiakkaalle maksuton.",
        "Lähetti förmedlar remissen från välfärdsområdet till er. Tjänsten är avgiftsfri för klienten.",
        "Lähetti brings the referral from the wellbeing services county to you. The service is free for the client.",
    ),
}


def text(key: str, language: Language, **params: str) -> str:
    """The text `key` in `language`, filled with `params`. Raises KeyError on an unknown key."""
    return _TEXTS[key][LANGUAGES.index(language)].format(**params)


def keys() -> frozenset[str]:
    """All keys, for the test that every text exists in every language."""
    return frozenset(_TEXTS)
