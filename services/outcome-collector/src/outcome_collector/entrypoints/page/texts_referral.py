"""What is said of a referral and of where it stands."""

REFERRAL: dict[str, tuple[str, str, str]] = {
    # The referral
    "title": ("Lähete", "Remiss", "Referral"),
    "urgent": ("Kiireellinen", "Brådskande", "Urgent"),
    "protected": (
        "Turvakielto: näytämme vain nimen ja puhelinnumeron. Älkää antako tietoja eteenpäin.",
        "Spärrmarkering: vi visar endast namn och telefonnummer. Ge inte uppgifterna vidare.",
        "Protected person: we show the name and the phone number only. Please do not pass them on.",
    ),
    "withdrawn_title": (
        "Lupa ei ole enää voimassa",
        "Tillståndet gäller inte längre",
        "The permission no longer holds",
    ),
    "withdrawn": (
        "Asiakkaan tietoja ei enää näytetä. Älkää ottako asiakkaaseen enää yhteyttä tämän lähetteen vuoksi. Teiltä ei odoteta mitään. Kiitos.",
        "Klientens uppgifter visas inte längre. Kontakta inte klienten mer med anledning av den här remissen. Inget mer väntas av er. Tack.",
        "The client's details are no longer shown. Please do not contact the client about this referral any more. Nothing is expected of you. Thank you.",
    ),
    "call": ("Soittakaa", "Ring", "Call"),
    "call_guardian": ("Soittakaa huoltajalle", "Ring vårdnadshavaren", "Call the guardian"),
    "call_contact": ("Soittakaa yhteyshenkilölle", "Ring kontaktpersonen", "Call the contact person"),
    "about_child": (
        "Lähete koskee lasta: {name}",
        "Remissen gäller ett barn: {name}",
        "The referral is for a child: {name}",
    ),
    "about": ("Lähete koskee: {name}", "Remissen gäller: {name}", "The referral is for: {name}"),
    "or_call": ("Tai", "Eller", "Or"),
    "contact_by": ("Viimeistään {day}", "Senast {day}", "By {day}"),
    "contact_late": (
        "Yhteydenottoa odotettiin viimeistään {day}. Soittakaa mahdollisimman pian.",
        "Kontakten väntades senast {day}. Ring så snart som möjligt.",
        "The call was expected by {day}. Please call as soon as you can.",
    ),
    "tell": ("Kertokaa, mitä tapahtui", "Berätta vad som hände", "Tell what happened"),
    "when": ("Miten ja milloin", "Hur och när", "How and when"),
    "when_none": ("Ei erityistä toivetta.", "Inga särskilda önskemål.", "No particular wish."),
    "language_spoken": ("Asiakkaan kieli", "Klientens språk", "The client's language"),
    "interpreter": (
        "Asiakas tarvitsee tulkin.",
        "Klienten behöver tolk.",
        "The client needs an interpreter.",
    ),
    "service": ("Palvelu", "Tjänst", "Service"),
    "reasons": ("Miksi lähete tehtiin", "Varför remissen gjordes", "Why the referral was made"),
    "told": ("Asiakkaalle on kerrottu", "Klienten har fått veta", "What the client was told"),
    "referrer": ("Lähetteen tekijä", "Remittent", "Referred by"),
    "referrer_hint": (
        "Häneltä voitte kysyä lisää.",
        "Ni kan fråga mer av hen.",
        "You can ask them for more.",
    ),
    # Where things stand
    "status": ("Tilanne", "Läge", "Where things stand"),
    "status_requested": ("Odottaa vastaustanne", "Väntar på ert svar", "Waiting for your answer"),
    "status_accepted": ("Otettu vastaan", "Mottagen", "Accepted"),
    "status_in-progress": ("Käynnissä", "Pågår", "In progress"),
    "status_on-hold": ("Odottaa", "Vilande", "On hold"),
    "status_completed": ("Toteutunut", "Genomförd", "Completed"),
    "status_rejected": ("Peruuntunut", "Blev inte av", "Did not go ahead"),
    "status_failed": ("Peruuntunut", "Blev inte av", "Did not go ahead"),
    "status_cancelled": ("Peruttu", "Återtagen", "Cancelled"),
    "status_entered-in-error": ("Tehty virheellisesti", "Gjord av misstag", "Made in error"),
    "attempts": ("Yhteydenottoyritykset", "Kontaktförsök", "Contact attempts"),
    "attempts_none": ("Ei vielä kirjattuja yrityksiä.", "Inga antecknade försök ännu.", "None recorded yet."),
    "attempt_no_answer": ("ei vastausta", "inget svar", "no answer"),
    "thanks": (
        "Lähete on päättynyt, ja lähetteen tekijä näkee sen. Teiltä ei odoteta enää mitään. Kiitos työstänne!",
        "Remissen är avslutad, och remittenten ser det. Inget mer väntas av er. Tack för ert arbete!",
        "The referral has ended, and whoever referred can see it. Nothing more is expected of you. Thank you for your work!",
    ),
    "called_off": (
        "Lähete on peruttu. Älkää ottako asiakkaaseen enää yhteyttä tämän lähetteen vuoksi. Kiitos.",
        "Remissen är återtagen. Kontakta inte klienten mer med anledning av den här remissen. Tack.",
        "The referral was cancelled. Please do not contact the client about it any more. Thank you.",
    ),
    # The referrer's wish to stop
    "stop_title": (
        "Lähetteen tekijä pyytää lopettamaan",
        "Remittenten ber er att avsluta",
        "Whoever referred asks you to stop",
    ),
    "stop_why": (
        "Olette jo aloittaneet, joten päätös on teidän. Jos lopetatte, lähete peruuntuu. Jos jatkatte, lähete pysyy ennallaan.",
        "Ni har redan börjat, så beslutet är ert. Om ni avslutar återtas remissen. Om ni fortsätter ändras ingenting.",
        "You have already started, so it is for you to decide. If you stop, the referral is cancelled. If you go on, nothing changes.",
    ),
    "stop_agree": ("Lopetamme", "Vi avslutar", "We stop"),
    "stop_go_on": ("Jatkamme", "Vi fortsätter", "We go on"),
}
