Invariant: lpa-name
Description: "The official name, else the first one, has a given name, a family name or a text."
Expression: "name.empty() or iif(name.where(use = 'official').exists(), name.where(use = 'official').first(), name.first()).select(given.exists() or family.exists() or text.exists()) = true"
Severity: #error

Invariant: lpa-phone
Description: "There is a phone number to call, the client's own or a contact's."
Expression: "(telecom | contact.telecom).where((system = 'phone' or system = 'sms') and value.exists() and (use.empty() or use != 'old')).exists()"
Severity: #error

Invariant: lpa-hetu
Description: "A personal identity code has the right form and the right check character."
Expression: "identifier.where(system = 'urn:oid:1.2.246.21').all(value.matches('^[0-9]{6}[-+ABCDEFUVWXY][0-9]{3}[0-9A-FHJ-NPR-Y]$') and '0123456789ABCDEFHJKLMNPRSTUVWXY'.substring((value.substring(0, 6) & value.substring(7, 3)).toInteger() mod 31, 1) = value.substring(10, 1))"
Severity: #error

Profile: LahettiPatient
Parent: Patient
Id: lahetti-patient
Title: "Client of a referral"
Description: "The client as the referral knew them: a name and a phone number are enough. A personal identity code is accepted, and not required."
* obeys lpa-name and lpa-phone and lpa-hetu
* meta.security MS
* meta.security ^short = "TURVAKIELTO: a protected person; HTEST: a test"
* extension contains $InterpreterRequired named interpreterRequired 0..1 MS
* extension ^comment = "The municipality of residence is the extension https://hl7.fi/fhir/finnish-base-profiles/StructureDefinition/municipality-code with a Coding of urn:oid:1.2.246.537.6.21. A pathway may need it, unless the professional has chosen the service."
* identifier MS
* name 1..* MS
* telecom MS
* birthDate MS
* contact MS
* contact ^short = "Guardian or other whom to call"
* contact.relationship MS
* contact.name MS
* contact.telecom MS
* communication MS
* communication ^short = "The language to speak: the preferred one, else the first"
