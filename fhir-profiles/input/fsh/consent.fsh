Invariant: lco-disclosure
Description: "A rule in force permits disclosure to somebody: a provider, a service or a kind of provider."
Expression: "provision.provision.where(type = 'permit' and actor.exists() and purpose.where(system = 'https://lahetti.example/fhir/CodeSystem/consent-purpose' and code = 'disclosure').exists()).exists()"
Severity: #error

Invariant: lco-rule
Description: "A rule that permits says to whom and for what."
Expression: "type = 'permit' implies (actor.exists() and purpose.exists())"
Severity: #error

Profile: LahettiConsent
Parent: Consent
Id: lahetti-consent
Title: "Permission as posted"
Description: "The client's permission: to whom the referral may go, and whether the outcome may come back. Without a rule for return nothing but the status comes back. It is checked on receipt, and again at each read and send; set to inactive it is withdrawn."
* implicitRules 0..0
* implicitRules ^short = "Rules that are not known here cannot be kept"
* modifierExtension 0..0
* modifierExtension ^short = "What changes the meaning and is not understood is refused, as R4 asks"
* obeys lco-disclosure
* status MS
* status = #active
* scope MS
* scope = $ConsentScope#patient-privacy
* category MS
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains disclosure 1..1 MS
* category[disclosure] = $ActCode#IDSCL
* patient 1..1 MS
* patient only Reference(LahettiPatient)
* dateTime 1..1 MS
* performer 1..* MS
* performer only Reference(Patient or RelatedPerson)
* performer ^short = "Who gave it: the client, or a RelatedPerson with the relationship"
* organization MS
* policyRule 1..1 MS
* policyRule = $ActCode#OPTIN
* provision 1..1 MS
* provision.period MS
* provision.provision 1..* MS
* provision.provision obeys lco-rule
* provision.provision.type 1..1 MS
* provision.provision.actor MS
* provision.provision.actor ^short = "Organization, HealthcareService, or an identifier of a kind of provider"
* provision.provision.purpose MS
* provision.provision.purpose from ConsentPurposes (extensible)
