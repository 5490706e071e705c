"""What the forms say, and what is said after one was sent."""

FORMS: dict[str, tuple[str, str, str]] = {
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
    "comment_hint": (
        "Lähetteen tekijä voi nähdä tämän.",
        "Remittenten kan se det här.",
        "Whoever referred may see this.",
    ),
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
