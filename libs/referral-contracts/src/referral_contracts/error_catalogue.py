"""All refusals: HTTP status, R4 issue code, whether trying again can help, and the text in Finnish, Swedish and English."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One kind of refusal. Texts are templates for `str.format` with codes and ids."""

    http_status: int
    code: str
    fi: str
    sv: str
    en: str
    retryable: bool = False


# fmt: off
CATALOGUE: dict[str, ErrorKind] = {
    "token-missing": ErrorKind(401, "login", "Pyynnöstä puuttuu tunniste (Authorization: Bearer).", "Begäran saknar token (Authorization: Bearer).", "The request has no token (Authorization: Bearer)."),
    "token-invalid": ErrorKind(401, "login", "Tunniste ei kelpaa.", "Token godtas inte.", "The token is not valid."),
    "token-revoked": ErrorKind(401, "login", "Tunniste on peruttu, tai järjestelmän pääsy on suljettu.", "Token har återkallats, eller systemets åtkomst är stängd.", "The token has been revoked, or the client has been stopped."),
    "token-expired": ErrorKind(401, "expired", "Tunniste on vanhentunut.", "Token har gått ut.", "The token has expired."),
    "scope-missing": ErrorKind(403, "forbidden", "Tunnisteella ei ole oikeutta {scope}.", "Token saknar rätten {scope}.", "The token lacks the scope {scope}."),
    "not-yours": ErrorKind(403, "forbidden", "Tämä ei kuulu tälle asiakkaalle.", "Det här hör inte till denna klient.", "This does not belong to this client."),
    "not-found": ErrorKind(404, "not-found", "Resurssia ei ole.", "Resursen finns inte.", "There is no such resource."),
    "method-not-allowed": ErrorKind(405, "not-supported", "Tätä toimintoa ei ole.", "Åtgärden stöds inte.", "This interaction is not supported."),
    "not-acceptable": ErrorKind(406, "not-supported", "Vastaus annetaan vain JSON-muodossa.", "Svar ges endast i JSON.", "Answers are given as JSON only."),
    "version-required": ErrorKind(412, "required", "Otsake If-Match puuttuu: anna versio, jonka luit.", "Huvudet If-Match saknas: ange den version du läste.", "The If-Match header is missing: give the version that you read."),
    "version-conflict": ErrorKind(412, "conflict", "Resurssi on muuttunut lukemasi version jälkeen.", "Resursen har ändrats sedan du läste den.", "The resource has changed since the version that you read."),
    "body-too-large": ErrorKind(413, "too-long", "Sanoma on liian suuri; raja on {limit} tavua.", "Meddelandet är för stort; gränsen är {limit} byte.", "The body is too large; the limit is {limit} bytes."),
    "unsupported-media-type": ErrorKind(415, "not-supported", "Sanoman on oltava JSON-muodossa (application/fhir+json).", "Meddelandet ska vara JSON (application/fhir+json).", "The body must be JSON (application/fhir+json)."),
    "too-many-requests": ErrorKind(429, "throttled", "Liian monta pyyntöä; yritä myöhemmin uudelleen.", "För många begäranden; försök senare.", "Too many requests; try again later.", True),
    "internal": ErrorKind(500, "exception", "Palvelussa on vika. Vika on kirjattu tunnuksella {id}.", "Ett fel uppstod i tjänsten. Felet har registrerats med id {id}.", "The service has a fault. It is recorded under id {id}.", True),
    "unavailable": ErrorKind(503, "transient", "Palvelu ei ole juuri nyt käytettävissä; yritä uudelleen.", "Tjänsten är inte tillgänglig just nu; försök igen.", "The service is not available right now; try again.", True),
    "malformed-json": ErrorKind(400, "structure", "Sanoma ei ole kelvollista JSONia.", "Meddelandet är inte giltig JSON.", "The body is not valid JSON."),
    "unknown-resource-type": ErrorKind(400, "not-supported", "Resurssityyppiä ei oteta vastaan tässä.", "Resurstypen tas inte emot här.", "This resource type is not accepted here."),
    "unknown-element": ErrorKind(422, "structure", "Elementti ei kuulu resurssiin.", "Elementet hör inte till resursen.", "The element does not belong to the resource."),
    "required-element": ErrorKind(422, "required", "Pakollinen elementti puuttuu.", "Ett obligatoriskt element saknas.", "A required element is missing."),
    "wrong-cardinality": ErrorKind(422, "structure", "Elementtejä on väärä määrä.", "Elementet förekommer fel antal gånger.", "The element occurs the wrong number of times."),
    "invalid-value": ErrorKind(422, "value", "Elementin arvo ei kelpaa.", "Elementets värde godtas inte.", "The value of the element is not valid."),
    "unknown-code": ErrorKind(422, "code-invalid", "Koodi ei kuulu sallittuihin.", "Koden hör inte till de tillåtna.", "The code is not one of those allowed."),
    "dangling-reference": ErrorKind(422, "not-found", "Viittauksen kohdetta ei ole sanomassa.", "Referensens mål finns inte i meddelandet.", "The reference points to nothing in the request."),
    "duplicate": ErrorKind(409, "duplicate", "Samalla lähetetunnisteella on jo toinen sisältö.", "Samma remissidentifierare har redan ett annat innehåll.", "The same referral identifier already has other content."),
    "illegal-move": ErrorKind(422, "business-rule", "Tilasta {status} ei pääse tilaan {wanted}. Mahdolliset tilat: {legal}.", "Från {status} går det inte till {wanted}. Möjliga statusar: {legal}.", "A Task that is {status} cannot become {wanted}. Possible now: {legal}."),
    "task-ended": ErrorKind(422, "business-rule", "Tehtävä on päättynyt ({status}) eikä sitä voi enää muuttaa.", "Uppgiften är avslutad ({status}) och kan inte längre ändras.", "The Task has ended ({status}) and can no longer be changed."),
    "status-reason-required": ErrorKind(422, "required", "Tila {status} vaatii syyn (statusReason).", "Statusen {status} kräver en orsak (statusReason).", "The status {status} needs a statusReason."),
    "status-reason-forbidden": ErrorKind(422, "invariant", "Tilalla {status} ei voi olla syytä (statusReason).", "Statusen {status} får inte ha en orsak (statusReason).", "The status {status} must not have a statusReason."),
    "status-reason-unusable": ErrorKind(422, "code-invalid", "Tätä syytä ei voi käyttää tilassa {status}. Mahdolliset syyt: {usable}.", "Orsaken kan inte användas med statusen {status}. Möjliga orsaker: {usable}.", "This reason cannot be used with the status {status}. Possible here: {usable}."),
    "comment-required": ErrorKind(422, "required", "Syy {reason} vaatii selityksen (note).", "Orsaken {reason} kräver en förklaring (note).", "The reason {reason} needs an explanation (note)."),
    "comment-too-long": ErrorKind(422, "too-long", "Selitys (note) on liian pitkä; raja on {limit} merkkiä.", "Förklaringen (note) är för lång; gränsen är {limit} tecken.", "The explanation (note) is too long; the limit is {limit} characters."),
    "contact-attempts-required": ErrorKind(422, "required", "Syy {reason} vaatii yhteydenottoyritysten määrän.", "Orsaken {reason} kräver antalet kontaktförsök.", "The reason {reason} needs the number of contact attempts."),
    "progress-unusable": ErrorKind(422, "code-invalid", "Tätä vaihetta (businessStatus) ei voi asettaa. Mahdolliset: {usable}.", "Det här skedet (businessStatus) kan inte anges. Möjliga: {usable}.", "This businessStatus cannot be set here. Possible: {usable}."),
    "element-not-yours": ErrorKind(422, "business-rule", "Tätä elementtiä ei voi muuttaa. Muutettavissa: {writable}.", "Det här elementet kan inte ändras. Kan ändras: {writable}.", "This element cannot be changed. Changeable: {writable}."),
    "patch-malformed": ErrorKind(400, "structure", "Muutospyyntö ei ole kelvollinen JSON Patch (RFC 6902).", "Ändringen är inte en giltig JSON Patch (RFC 6902).", "The change is not a valid JSON Patch (RFC 6902)."),
    "patch-inapplicable": ErrorKind(422, "processing", "Muutosta ei voi tehdä: kohtaa ei ole tai test-ehto ei täyty.", "Ändringen kan inte göras: stället saknas eller villkoret test uppfylls inte.", "The change cannot be applied: its place does not exist, or a test failed."),
    "unknown-parameter": ErrorKind(400, "not-supported", "Hakuehtoa {name} ei tueta.", "Sökparametern {name} stöds inte.", "The search parameter {name} is not supported."),
    "invalid-parameter": ErrorKind(400, "value", "Hakuehdon {name} arvo ei kelpaa.", "Värdet på sökparametern {name} godtas inte.", "The value of the search parameter {name} is not valid."),
    "link-unknown": ErrorKind(404, "not-found", "Linkki ei ole voimassa.", "Länken är inte giltig.", "The link is not valid."),
    "link-closed": ErrorKind(410, "expired", "Lähete on suljettu, eikä linkki enää toimi.", "Remissen är avslutad och länken fungerar inte längre.", "The referral is closed and the link no longer works."),
    "pin-missing": ErrorKind(403, "login", "Organisaatiolla ei ole vielä PIN-koodia.", "Organisationen har ännu ingen PIN-kod.", "The organisation has no PIN yet."),
    "pin-wrong": ErrorKind(403, "login", "PIN-koodi on väärä.", "PIN-koden är fel.", "The PIN is wrong."),
    "pin-locked": ErrorKind(429, "throttled", "Liian monta väärää PIN-koodia. Yritä {minutes} minuutin kuluttua.", "För många felaktiga PIN-koder. Försök igen om {minutes} minuter.", "Too many wrong PINs. Try again in {minutes} minutes.", True),
    "pin-unusable": ErrorKind(422, "value", "PIN-koodin on oltava 6-12 numeroa.", "PIN-koden ska ha 6-12 siffror.", "A PIN is 6 to 12 digits."),
    "session-over": ErrorKind(401, "login", "Istunto on päättynyt. Anna PIN-koodi uudelleen.", "Sessionen har upphört. Ange PIN-koden på nytt.", "The session is over. Give the PIN again."),
    "caller-not-allowed": ErrorKind(403, "forbidden", "Tämä toiminto ei kuulu tämän asiakkaan lajille.", "Åtgärden är inte avsedd för denna typ av klient.", "This interaction is not for this kind of client."),
    "request-timeout": ErrorKind(408, "timeout", "Sanoma ei tullut perille ajoissa.", "Meddelandet kom inte fram i tid.", "The body did not arrive in time.", True),
    "patch-media-type": ErrorKind(415, "not-supported", "PATCH-sanoman on oltava JSON Patch (application/json-patch+json).", "PATCH-meddelandet ska vara JSON Patch (application/json-patch+json).", "The body of a PATCH must be a JSON Patch (application/json-patch+json)."),
    "compressed-body": ErrorKind(415, "not-supported", "Pakattua sanomaa ei oteta vastaan.", "Komprimerade meddelanden tas inte emot.", "Compressed bodies are not accepted."),
    "consent-missing": ErrorKind(422, "required", "Asiakkaan lupa (Consent) puuttuu: ilman sitä lähetettä ei välitetä.", "Klientens tillstånd (Consent) saknas: utan det förmedlas ingen remiss.", "The client's permission (Consent) is missing: without it no referral is passed on."),
    "consent-inactive": ErrorKind(422, "business-rule", "Asiakkaan lupa ei ole voimassa (tila tai voimassaoloaika).", "Klientens tillstånd är inte i kraft (status eller giltighetstid).", "The client's permission is not in force (its status or its period)."),
    "consent-names-nobody": ErrorKind(422, "business-rule", "Lupa ei nimeä, kenelle lähetteen saa luovuttaa.", "Tillståndet nämner inte vem som får ta emot remissen.", "The permission names nobody to whom the referral may go."),
    "phone-required": ErrorKind(422, "required", "Puhelinnumero puuttuu: asiakkaalta tai hänen yhteyshenkilöltään tarvitaan vähintään yksi.", "Telefonnummer saknas: minst ett behövs, klientens eller en kontaktpersons.", "A phone number is missing: at least one is needed, the client's or a contact's."),
    "reason-text-required": ErrorKind(422, "required", "Syy vaatii tekstin (reasonCode.text).", "Orsaken kräver en text (reasonCode.text).", "The reason needs a text (reasonCode.text)."),
    "unknown-municipality": ErrorKind(422, "code-invalid", "Kotikunta ei kuulu tähän hyvinvointialueeseen.", "Hemkommunen hör inte till detta välfärdsområde.", "The municipality does not belong to this county."),
    "municipality-required": ErrorKind(422, "required", "Kotikunta puuttuu: anna se tai valitse palvelu (ServiceRequest.performer).", "Hemkommunen saknas: ange den eller välj en tjänst (ServiceRequest.performer).", "The municipality is missing: give it, or choose a service (ServiceRequest.performer)."),
    "unknown-pathway": ErrorKind(422, "code-invalid", "Tätä palveluketjua (ServiceRequest.category) ei ole tällä alueella.", "Servicekedjan (ServiceRequest.category) finns inte i detta område.", "This county has no such pathway (ServiceRequest.category)."),
    "unknown-service": ErrorKind(422, "not-found", "Valittua palvelua (ServiceRequest.performer) ei ole.", "Den valda tjänsten (ServiceRequest.performer) finns inte.", "There is no such service (ServiceRequest.performer)."),
    "not-an-order": ErrorKind(422, "business-rule", "Uuden lähetteen tilan on oltava active ja tarkoituksen order.", "En ny remiss ska ha status active och intent order.", "A new referral must have status active and intent order."),
    "agreement-not-in-force": ErrorKind(422, "business-rule", "{provider}: sopimus ei ole voimassa.", "{provider}: avtalet är inte i kraft.", "{provider}: the agreement is not in force."),
    "provider-inactive": ErrorKind(422, "business-rule", "{provider}: palveluntuottaja tai palvelu ei ole toiminnassa.", "{provider}: producenten eller tjänsten är inte i drift.", "{provider}: the provider or its service is not active."),
    "not-chosen": ErrorKind(422, "business-rule", "{provider}: lähetteessä on valittu toinen palvelu.", "{provider}: remissen anger en annan tjänst.", "{provider}: the referral names another service."),
    "municipality-missing": ErrorKind(422, "business-rule", "{provider}: asiakkaan kotikuntaa ei ole annettu.", "{provider}: klientens hemkommun har inte angetts.", "{provider}: the client's municipality was not given."),
    "other-municipality": ErrorKind(422, "business-rule", "{provider}: palvelee toisia kuntia.", "{provider}: betjänar andra kommuner.", "{provider}: serves other municipalities."),
    "not-permitted": ErrorKind(422, "business-rule", "{provider}: asiakkaan lupa ei koske tätä vastaanottajaa.", "{provider}: klientens tillstånd omfattar inte denna mottagare.", "{provider}: the client's permission does not cover this recipient."),
    "not-for-protected": ErrorKind(422, "business-rule", "{provider}: ei voi ottaa vastaan turvakiellon alaisia.", "{provider}: kan inte ta emot personer med spärrmarkering.", "{provider}: cannot serve persons under a non-disclosure order."),
    "no-endpoint": ErrorKind(422, "business-rule", "{provider}: sähköinen osoite puuttuu.", "{provider}: elektronisk adress saknas.", "{provider}: has no address to be told at."),
    "no-test-endpoint": ErrorKind(422, "business-rule", "{provider}: testiosoite puuttuu.", "{provider}: testadress saknas.", "{provider}: has no address for tests."),
    "already-tried": ErrorKind(422, "business-rule", "{provider}: lähete on jo ollut siellä.", "{provider}: remissen har redan varit där.", "{provider}: has had this referral already."),
    "quota-used-up": ErrorKind(422, "business-rule", "{provider}: sovittu lähetemäärä on täynnä.", "{provider}: det avtalade antalet remisser är fyllt.", "{provider}: the agreed number of referrals is used up."),
    "unreadable-request": ErrorKind(400, "structure", "Pyyntöä ei voi lukea.", "Begäran kan inte läsas.", "The request cannot be read."),
    "illegal-change": ErrorKind(422, "business-rule", "Tilasta {status} ei pääse tilaan {wanted}. Mahdolliset tilat: {legal}.", "Från {status} går det inte till {wanted}. Möjliga statusar: {legal}.", "What is {status} cannot become {wanted}. Possible now: {legal}."),
    "referral-ended": ErrorKind(422, "business-rule", "Lähete on jo päättynyt; sitä ei voi enää muuttaa.", "Remissen har redan avslutats och kan inte längre ändras.", "The referral has ended and can no longer be changed."),
    "task-not-written-back": ErrorKind(422, "business-rule", "Järjestelmälle {client} ei kirjoiteta Taskia: jätä se pois ja lue Task täältä.", "För systemet {client} skrivs ingen Task: utelämna den och läs Task här.", "No Task is written back to {client}: leave it out and read the Task here."),
    "foreign-address": ErrorKind(422, "security", "Osoite ei ole järjestelmän {client} rekisteröidyn osoitteen alla.", "Adressen ligger inte under den registrerade adressen för {client}.", "The address is not under the registered base of {client}."),
    "client-unknown": ErrorKind(403, "forbidden", "Järjestelmää {client} ei ole rekisteröity tälle alueelle.", "Systemet {client} är inte registrerat i detta område.", "The system {client} is not registered in this county."),
    "no-candidate": ErrorKind(422, "business-rule", "Yksikään palveluntuottaja ei voi ottaa lähetettä vastaan. Mitään ei tallennettu.", "Ingen producent kan ta emot remissen. Ingenting sparades.", "No provider can take the referral. Nothing was stored."),
    "permission-inactive": ErrorKind(403, "suppressed", "Asiakkaan lupa ei ole voimassa.", "Klientens tillstånd är inte i kraft.", "The client's permission is not in force."),
    "routing-ended": ErrorKind(403, "suppressed", "Lähete ei ole enää tällä palveluntuottajalla.", "Remissen är inte längre hos denna producent.", "The referral is no longer with this provider."),
    "client-taken": ErrorKind(409, "duplicate", "Järjestelmä {client} on jo olemassa.", "Systemet {client} finns redan.", "There is a client {client} already."),
    "client-of-county": ErrorKind(409, "business-rule", "Järjestelmä on alueen omissa tiedoissa: muuta tiedostoa clients.yaml.", "Systemet finns i områdets egna uppgifter: ändra filen clients.yaml.", "The client stands in the county's data: change clients.yaml."),
    "client-stopped-by-county": ErrorKind(409, "business-rule", "Alueen omat tiedot (clients.yaml) pitävät järjestelmän {client} suljettuna.", "Områdets egna uppgifter (clients.yaml) håller systemet {client} stängt.", "The county's data (clients.yaml) keeps the client {client} stopped."),
    "county-missing": ErrorKind(503, "transient", "Hyvinvointialueen tietoja ei ole vielä ladattu.", "Välfärdsområdets uppgifter har ännu inte laddats.", "No county has been loaded yet.", True),
}
# fmt: on
