Invariant: lpa-name
Description: "The official name, else the first one, has a given name, a family name or a text."
Expression: "name.empty() or iif(name.where(use = 'official').exists(), name.where(use = 'official').first(), name.first()).select(given.exists() or family.exists() or text.exists()) = true"
Severity: #error

Invariant: lpa-phone
Description: "There is a phone number to call, the client's own or a contact's."
Expression: "(telecom | contact.telecom).where((system = 'phone' or system = 'sms') and value.exists() and (use.empty() or use != 'old')).exists()"
Severity: #error

Invariant: lpa-hetu
Description: "A personal identity code has the right form, names a day that exists and ends in the right check character."
Expression: "system = 'urn:oid:1.2.246.21' implies (value.matches('^((0[1-9]|1[0-9]|2[0-8])(0[1-9]|1[0-2])|(29|30)(0[13-9]|1[0-2])|31(0[13578]|1[02])|2902)[0-9]{2}[-+ABCDEFUVWXY](00[2-9]|0[1-9][0-9]|[1-9][0-9]{2})[0-9A-Y]$') and (value.startsWith('2902').not() or (value.substring(4, 2).toInteger() mod 4 = 0 and value.matches('^290200[-+UVWXY]').not())) and '0123456789ABCDEFHJKLMNPRSTUVWXY'.substring((value.substring(0, 6) & value.substring(7, 3)).toInteger() mod 31, 1) = value.substring(10, 1))"
Severity: #error

Profile: LahettiPatient
Parent: Patient
Id: lahetti-patient
Title: "Client of a referral"
Description: "The client as the referral knew them: a name and a phone number are enough. A personal identity code is accepted, and not required."
* implicitRules 0..0
* implicitRules ^short = "Rules that are not known here cannot be kept"
* modifierExtension 0..0
* modifierExtension ^short = "What changes the meaning and is not understood is refused, as R4 asks"
* obeys lpa-name and lpa-phone
* meta.security MS
* meta.security ^short = "TURVAKIELTO: a protected person; HTEST: a test"
* extension contains $InterpreterRequired named interpreterRequired 0..1 MS
* extension ^comment = "The municipality of residence is the extension https://hl7.fi/fhir/finnish-base-profiles/StructureDefinition/municipality-code with a Coding of urn:oid:1.2.246.537.6.21. A pathway may need it, unless the professional has chosen the service."
* identifier MS
* identifier obeys lpa-hetu
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
