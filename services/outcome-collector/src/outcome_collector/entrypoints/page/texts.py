"""The one catalogue of the page's texts, in Finnish, Swedish and English (D32)."""

from typing import Literal, get_args

Language = Literal["fi", "sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
NAMES: dict[Language, str] = {"fi": "Suomi", "sv": "Svenska", "en": "English"}

_TEXTS: dict[str, tuple[str, str, str]] = {
    # Around every page
    "skip": ("Siirry sisältöön", "Gå till innehållet", "Skip to content"),
    "languages": ("Kieli", "Språk", "Language"),
    "error": ("Virhe", "Fel", "Error"),
    "test": (
        "TESTI: tämä ei ole oikea lähete.",
        "TEST: det här är ingen riktig remiss.",
        "TEST: this is not a real referral.",
    ),
    "foot": (
        "Lähetti välittää lähetteen hyvinvointialueelta teille. Palvelu on asiakkaalle maksuton.",
        "Lähetti förmedlar remissen från välfärdsområdet till er. Tjänsten är avgiftsfri för klienten.",
        "Lähetti brings the referral from the wellbeing services county to you. The service is free for the client.",
    ),
    # The door
    "waiting": ("Teitä odottaa lähete", "En remiss väntar på er", "A referral is waiting for you"),
    "waiting_for": (
        "{organisation}: joku odottaa yhteydenottoanne.",
        "{organisation}: någon väntar på att ni hör av er.",
        "{organisation}: someone is waiting to hear from you.",
    ),
    "over_for": (
        "{organisation}: lähete on päättynyt. Voitte vielä katsoa, mitä siitä kirjattiin.",
        "{organisation}: remissen är avslutad. Ni kan ännu se vad som antecknades.",
        "{organisation}: the referral has ended. You can still see what was recorded.",
    ),
    "pin_why": (
        "Lähetteessä on asiakkaan tietoja. Avatkaa se organisaationne PIN-koodilla.",
        "Remissen innehåller klientens uppgifter. Öppna den med er organisations PIN-kod.",
        "The referral holds a client's details. Open it with your organisation's PIN.",
    ),
    "pin": ("PIN-koodi", "PIN-kod", "PIN"),
    "pin_hint": (
        "Numerosarja, jonka saatte organisaationne yhteyshenkilöltä.",
        "En sifferserie som ni får av er organisations kontaktperson.",
        "A series of digits that your organisation's contact person has.",
    ),
    "open": ("Avaa lähete", "Öppna remissen", "Open the referral"),
    "error_pin": (
        "PIN-koodi ei ollut oikea. Tarkistakaa koodi ja yrittäkää uudelleen. Viiden väärän koodin jälkeen sivu on lukittu vartin.",
        "PIN-koden var inte rätt. Kontrollera koden och försök igen. Efter fem felaktiga koder är sidan låst i en kvart.",
        "The PIN was not right. Check it and try again. After five wrong PINs the page is locked for a quarter of an hour.",
    ),
    "error_locked": (
        "PIN-koodi on annettu väärin liian monta kertaa. Lähete on tallessa: yrittäkää uudelleen {minutes} minuutin kuluttua.",
        "Fel PIN-kod har angetts för många gånger. Remissen finns kvar: försök igen om {minutes} minuter.",
        "A wrong PIN was given too many times. The referral is safe: try again in {minutes} minutes.",
    ),
    "error_session": (
        "Sivu ei ole enää auki. Antakaa PIN-koodi uudelleen.",
        "Sidan är inte längre öppen. Ange PIN-koden på nytt.",
        "The page is no longer open. Please give the PIN again.",
    ),
    "error_unsaved": (
        "Sivu ehti sulkeutua, eikä kirjausta tallennettu. Antakaa PIN-koodi ja kirjatkaa uudelleen.",
        "Sidan hann stängas och anteckningen sparades inte. Ange PIN-koden och anteckna på nytt.",
        "The page had closed, and nothing was recorded. Please give the PIN and record it again.",
    ),
    "closed": (
        "Sivu on suljettu. Pääsette takaisin PIN-koodilla.",
        "Sidan är stängd. Ni kommer tillbaka med PIN-koden.",
        "The page is closed. The PIN brings you back.",
    ),
    # Pages that show no referral
    "gone_title": (
        "Linkki ei ole enää käytössä",
        "Länken används inte längre",
        "This link is no longer in use",
    ),
    "gone": (
        "Lähete on päättynyt, tai linkki ei ole oikea. Jos odotatte lähetettä, pyytäkää uusi linkki hyvinvointialueen yhteyshenkilöltä.",
        "Remissen är avslutad, eller så är länken fel. Om ni väntar på en remiss, be välfärdsområdets kontaktperson om en ny länk.",
        "The referral has ended, or the link is not right. If you expect a referral, ask the county's contact person for a new link.",
    ),
    "no_pin_title": ("PIN-koodi puuttuu vielä", "PIN-koden saknas ännu", "There is no PIN yet"),
    "no_pin": (
        "Organisaatiollenne ei ole vielä annettu PIN-koodia. Lähete on tallessa. Pyytäkää koodi hyvinvointialueen yhteyshenkilöltä.",
        "Er organisation har ännu inte fått någon PIN-kod. Remissen finns kvar. Be välfärdsområdets kontaktperson om en kod.",
        "Your organisation has not been given a PIN yet. The referral is safe. Ask the county's contact person for a PIN.",
    ),
    "trouble_title": (
        "Lähetettä ei saatu juuri nyt auki",
        "Remissen kunde inte öppnas just nu",
        "The referral could not be opened right now",
    ),
    "trouble": (
        "Vika on meillä, ja lähete on tallessa. Yrittäkää muutaman minuutin kuluttua uudelleen.",
        "Felet är vårt, och remissen finns kvar. Försök igen om några minuter.",
        "The fault is ours, and the referral is safe. Please try again in a few minutes.",
    ),
    "try_again": ("Yritä uudelleen", "Försök igen", "Try again"),
    "refused_title": ("Sivua ei voitu näyttää", "Sidan kunde inte visas", "The page could not be shown"),
    "refused": (
        "Avatkaa lähete uudelleen viestissä olevasta linkistä.",
        "Öppna remissen på nytt med länken i meddelandet.",
        "Please open the referral again by the link in the message.",
    ),
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
    # The forms
    "what_now": ("Mitä tapahtui?", "Vad hände?", "What happened?"),
    "attempt_title": ("Yritin ottaa yhteyttä", "Jag försökte ta kontakt", "I tried to get in touch"),
    "attempt_hint": (
        "Miten kävi? Kirjaus tallentuu heti.",
        "Hur gick det? Det sparas genast.",
        "How did it go? It is recorded at once.",
    ),
    "attempt_option_no": ("En saanut vastausta", "Jag fick inget svar", "There was no answer"),
    "attempt_option_yes": ("Tavoitin asiakkaan", "Jag nådde klienten", "I reached the client"),
    "attempt_option_scheduled": ("Sovimme ajan", "Vi bokade en tid", "We agreed on a time"),
    "accept_title": ("Otamme asiakkaan vastaan", "Vi tar emot klienten", "We take the client on"),
    "accept_hint": (
        "Lupaatte olla yhteydessä asiakkaaseen.",
        "Ni lovar att kontakta klienten.",
        "You promise to contact the client.",
    ),
    "accept_save": ("Ota vastaan", "Ta emot", "Accept"),
    "start_title": ("Toiminta on alkanut", "Verksamheten har börjat", "It has started"),
    "resume_title": ("Toiminta jatkuu", "Verksamheten fortsätter", "It goes on again"),
    "start_hint": (
        "Asiakas on tullut mukaan. Kertokaa myöhemmin, miten kävi.",
        "Klienten är med. Berätta senare hur det gick.",
        "The client is taking part. Please tell later how it went.",
    ),
    "start_save": ("Kirjaa käynnissä olevaksi", "Anteckna som pågående", "Record as in progress"),
    "pause_title": ("Asia odottaa", "Ärendet väntar", "It has to wait"),
    "pause_save": ("Kirjaa odottamaan", "Anteckna som väntande", "Record as waiting"),
    "complete_title": ("Toteutui", "Genomfördes", "It was completed"),
    "complete_what": (
        "Mihin lähete johti? (valinnainen)",
        "Vad ledde remissen till? (valfritt)",
        "What did it lead to? (optional)",
    ),
    "complete_option_visit": ("Neuvontakäynti", "Rådgivningsbesök", "A counselling visit"),
    "complete_option_group": ("Ryhmä", "Grupp", "A group"),
    "complete_option_course": ("Kurssi", "Kurs", "A course"),
    "complete_option_own": ("Omatoiminen liikkuminen", "Motion på egen hand", "Moving on one's own"),
    "complete_save": ("Kirjaa toteutuneeksi", "Anteckna som genomförd", "Record as completed"),
    "end_title": ("Peruuntui", "Blev inte av", "It did not go ahead"),
    "end_reason": ("Valitkaa syy.", "Välj orsak.", "Choose the reason."),
    "end_save": ("Päätä lähete", "Avsluta remissen", "End the referral"),
    "attempt_first": (
        "Kirjatkaa ensin yhteydenottoyritys kohdassa ”Yritin ottaa yhteyttä”. Sen jälkeen voitte valita tämän syyn.",
        "Anteckna först ett kontaktförsök under ”Jag försökte ta kontakt”. Sedan kan ni välja den här orsaken.",
        "First record a contact attempt under “I tried to get in touch”. Then you can choose this reason.",
    ),
    "comment": ("Lisätieto (valinnainen)", "Tilläggsuppgift (valfri)", "More about it (optional)"),
    "comment_needed": ("Kertokaa syy", "Berätta orsaken", "Tell the reason"),
    "comment_hint": ("Lähetteen tekijä voi nähdä tämän.", "Remittenten kan se det här.", "Whoever referred may see this."),
    # After a form
    "saved": ("Kirjattu. Kiitos!", "Antecknat. Tack!", "Recorded. Thank you!"),
    "come_back": (
        "Voitte palata tähän lähetteeseen samasta linkistä.",
        "Ni kan återvända till remissen med samma länk.",
        "The same link brings you back to this referral.",
    ),
    "unsaved": ("Kirjaus ei tallentunut", "Anteckningen sparades inte", "This was not recorded"),
    "error_changed": (
        "Lähete on muuttunut sen jälkeen, kun avasitte sivun. Alla näkyy nykyinen tilanne: katsokaa, onko kirjauksenne jo siinä.",
        "Remissen har ändrats sedan ni öppnade sidan. Nedan syns läget nu: kontrollera om er anteckning redan finns där.",
        "The referral has changed since you opened the page. Below is how things stand now: see whether what you recorded is already there.",
    ),
    "error_form": (
        "Lomake oli vanhentunut tai jäi kesken. Yrittäkää uudelleen.",
        "Formuläret var föråldrat eller ofullständigt. Försök igen.",
        "The form was out of date or incomplete. Please try again.",
    ),
    "error_reason": ("Valitkaa syy.", "Välj orsak.", "Please choose the reason."),
    "error_comment": (
        "Kertokaa syy muutamalla sanalla.",
        "Berätta orsaken med några ord.",
        "Please tell the reason in a few words.",
    ),
    "error_comment_length": (
        "Teksti on liian pitkä: enintään {limit} merkkiä mahtuu.",
        "Texten är för lång: högst {limit} tecken ryms.",
        "The text is too long: up to {limit} characters fit.",
    ),
    "error_attempts": (
        "Kirjatkaa ensin vähintään yksi yhteydenottoyritys.",
        "Anteckna först minst ett kontaktförsök.",
        "Please record at least one contact attempt first.",
    ),
    # Leaving
    "open_until": (
        "Sivu on auki kello {time} asti. Sulkekaa se, kun olette valmis.",
        "Sidan är öppen till klockan {time}. Stäng den när ni är klar.",
        "This page stays open until {time}. Close it when you are done.",
    ),
    "close": ("Sulje sivu", "Stäng sidan", "Close the page"),
}


def text(key: str, language: Language, **params: str) -> str:
    """The text `key` in `language`, filled with `params`. Raises KeyError on an unknown key."""
    return _TEXTS[key][LANGUAGES.index(language)].format(**params)


def keys() -> frozenset[str]:
    """All keys, for the tests of the catalogue."""
    return frozenset(_TEXTS)
