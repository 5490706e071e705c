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


CATALOGUE: dict[str, ErrorKind] = {
    "token-missing": ErrorKind(401, "login", "Pyynnöstä puuttuu tunniste (Authorization: Bearer).", "Begäran saknar token (Authorization: Bearer).", "The request has no token (Authorization: Bearer)."),
    "token-invalid": ErrorKind(401, "login", "Tunniste ei kelpaa.", "Token godtas inte.", "The token is not valid."),
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
}
