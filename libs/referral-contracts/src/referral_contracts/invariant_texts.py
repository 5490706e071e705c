"""What our profiles' own invariants ask, in Finnish, Swedish and English, by their key.

The English words are those of the profiles (`fhir-profiles/input/fsh`); a test holds them equal, and finds an
invariant that has no words here. R4's own invariants are told by their key.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """One sentence in each language."""

    fi: str
    sv: str
    en: str


# fmt: off
INVARIANTS: Mapping[str, Words] = {
    "lsr-identifier": Words("Yhdellä tunnisteella on sekä järjestelmä että arvo: sillä järjestelmä voi lähettää saman lähetteen turvallisesti uudelleen.", "En identifierare har både system och värde: med den kan systemet tryggt skicka samma remiss på nytt.", "One identifier has both a system and a value: with it the record system can post the same referral again safely."),
    "lsr-contact": Words("Asiakkaaseen saa ottaa yhteyttä: jokainen lähete alkaa palveluntuottajan soitolla, joten lähetettä, joka kieltää sen (SDOH Clinical Care), ei voi välittää turvallisesti.", "Klienten får kontaktas: varje remiss börjar med producentens samtal, så en som förbjuder det (SDOH Clinical Care) kan inte förmedlas tryggt.", "The client may be contacted: every referral begins with the provider's call, so one that prohibits it (SDOH Clinical Care) cannot be carried safely."),
    "lsr-pathway": Words("Luokat (category) nimeävät yhden palveluketjun, eivät useita.", "Kategorierna (category) nämner en servicekedja, inte flera.", "The categories name one pathway, not several."),
    "lsr-requester": Words("Lähettäjä on viittaus tai tunniste.", "Den som remitterar är en referens eller en identifierare.", "Whoever referred is a reference or an identifier."),
    "lsr-requester-name": Words("Jos lähettäjästä on vain tunniste, nimi (display) kertoo, kuka hän on.", "Om den som remitterar bara är en identifierare säger namnet (display) vem det är.", "Where whoever referred is only an identifier, a display says who it is."),
    "lsr-other": Words("Syyn `other` kanssa annetaan teksti.", "Orsaken `other` kommer med en text.", "The reason `other` comes with a text."),
    "lpa-name": Words("Virallisessa nimessä, muuten ensimmäisessä, on etunimi, sukunimi tai teksti.", "Det officiella namnet, annars det första, har ett förnamn, ett efternamn eller en text.", "The official name, else the first one, has a given name, a family name or a text."),
    "lpa-phone": Words("On puhelinnumero, johon soittaa: asiakkaan oma tai yhteyshenkilön.", "Det finns ett telefonnummer att ringa, klientens eget eller en kontaktpersons.", "There is a phone number to call, the client's own or a contact's."),
    "lpa-hetu": Words("Henkilötunnus on oikean muotoinen, sen päivä on olemassa ja tarkistusmerkki on oikea.", "Personbeteckningen har rätt form, dess dag finns och kontrolltecknet är rätt.", "A personal identity code has the right form, names a day that exists and ends in the right check character."),
    "lco-disclosure": Words("Voimassa oleva ehto sallii luovutuksen jollekin: palveluntuottajalle, palvelulle tai palveluntuottajien lajille.", "En gällande regel tillåter utlämnande till någon: en producent, en tjänst eller ett slag av producenter.", "A rule in force permits disclosure to somebody: a provider, a service or a kind of provider."),
    "lco-rule": Words("Salliva ehto sanoo, kenelle ja mihin.", "En regel som tillåter säger till vem och för vad.", "A rule that permits says to whom and for what."),
    "lta-reason": Words("Syy annetaan, kun tehtävä on hylätty, tauolla, peruttu tai keskeytynyt, eikä muulloin (Physical Activity -oppaan pa-taskrm-1).", "En orsak ges när uppgiften är avvisad, pausad, annullerad eller misslyckad, och aldrig annars (pa-taskrm-1 i guiden Physical Activity).", "A reason is given where the Task is rejected, on hold, cancelled or failed, and nowhere else (pa-taskrm-1 of the Physical Activity guide)."),
    "lta-attempts": Words("Syyn client-not-reached kanssa tiedetään yhteydenottoyritysten määrä, vähintään yksi.", "Med orsaken client-not-reached är antalet kontaktförsök känt, minst ett.", "With the reason client-not-reached the number of contact attempts is known, and at least one."),
    "ldi-id": Words("Tunnus kirjoitetaan merkeillä a-z, 0-9 ja väliviiva, enintään neljäkymmentä merkkiä.", "Id skrivs med a-z, 0-9 och bindestreck, högst fyrtio tecken.", "The id is written with a-z, 0-9 and hyphens, at most forty characters."),
    "lor-kind": Words("Palveluntuottajan laji on annettu: lupa voi nimetä lajeja.", "Producentens slag är angivet: ett tillstånd kan nämna slag.", "The kind of provider is given: a permission may name kinds."),
    "lhs-capacity": Words("Kapasiteettitieto esiintyy enintään kerran, ja sen koodi on capacity, no-capacity tai waitlist (SDOH Clinical Care 3.0.0).", "Kapacitetsuppgiften förekommer högst en gång, och dess kod är capacity, no-capacity eller waitlist (SDOH Clinical Care 3.0.0).", "The capacity signal stands at most once, and its code says capacity, no-capacity or waitlist (SDOH Clinical Care 3.0.0)."),
    "len-address": Words("Osoite sopii kanavaan: URL kanavalle rest-hook, mailto: kanavalle email.", "Adressen passar kanalen: en URL för rest-hook, mailto: för email.", "The address fits the channel: a URL for rest-hook, mailto: for email."),
    "lae-caller": Words("Täsmälleen yksi toimija kysyi, ja asennus tuntee sen asiakasjärjestelmän tunnuksella.", "Exakt en aktör frågade, och installationen känner den med en klients identifierare.", "Exactly one agent asked, and the installation knows it by a client's identifier."),
    "lae-refused": Words("Annettu päättyi hyvin (outcome 0, outcomeDesc given); muu kertoo syyn ja on epäonnistuminen.", "Det som gavs slutade väl (outcome 0, outcomeDesc given); annat säger varför och är ett misslyckande.", "What was given ended well (outcome 0, outcomeDesc given); what was not says why and is a failure."),
}
# fmt: on
