"""What is said around every page, at the door, and where no referral can be shown."""

DOOR: dict[str, tuple[str, str, str]] = {
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
}
