ValueSet: ReferralPriorities
Id: referral-priority
Title: "Lähetteen kiireellisyys"
Description: "By which of a pathway's clocks a referral goes."
* ^experimental = false
* $RequestPriority#routine
* $RequestPriority#urgent

Invariant: lsr-identifier
Description: "One identifier has both a system and a value: with it the record system can post the same referral again safely."
Expression: "identifier.empty() or identifier.where(system.exists() and value.exists()).exists()"
Severity: #error

Invariant: lsr-pathway
Description: "The categories name one pathway, not several."
Expression: "category.coding.where(system = 'https://lahetti.example/fhir/CodeSystem/pathway' and code.exists()).count() <= 1"
Severity: #error

Invariant: lsr-requester
Description: "Whoever referred is a reference or an identifier."
Expression: "reference.exists() or identifier.exists()"
Severity: #error

Invariant: lsr-requester-name
Description: "Where whoever referred is only an identifier, a display says who it is."
Expression: "reference.exists() or display.exists()"
Severity: #error

Invariant: lsr-other
Description: "The reason `other` comes with a text."
Expression: "coding.where(system = 'https://lahetti.example/fhir/CodeSystem/referral-reason' and code = 'other').exists() implies text.exists()"
Severity: #error

Invariant: lsr-contact
Description: "The client may be contacted: every referral begins with the provider's call, so one that prohibits it (SDOH Clinical Care) cannot be carried safely."
Expression: "orderDetail.coding.where(system = 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes' and code = 'contacting-subject-prohibited').empty()"
Severity: #error

Profile: LahettiServiceRequest
Parent: ServiceRequest
Id: lahetti-service-request
Title: "Referral as posted"
Description: "A referral as a patient record system posts it, in a transaction with its Patient and Consent. The record system may later set only the status (revoked, entered-in-error) and add notes."
* implicitRules 0..0
* implicitRules ^short = "Rules that are not known here cannot be kept"
* modifierExtension 0..0
* modifierExtension ^short = "What changes the meaning and is not understood is refused, as R4 asks"
* obeys lsr-identifier and lsr-pathway and lsr-contact
* extension contains InitiativeExtension named initiative 0..1 MS and ChannelExtension named channel 0..1 MS
* extension contains NeedsPhysiotherapist named needsPhysiotherapist 0..1 and HasDiagnoses named hasDiagnoses 0..1
* extension contains TargetGroupExtension named targetGroup 0..* and RoutingOverride named routingOverride 0..1
* identifier 1..* MS
* identifier ^short = "The placer's number (type PLAC, else the first whole one): unique for each record system, for ever"
* status MS
* status = #active
* intent MS
* intent = #order
* category 1..* MS
* category ^slicing.discriminator.type = #value
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains pathway 1..1 MS
* category[pathway] from Pathways (required)
* category[pathway] ^short = "The pathway; a county takes those that its data describe"
* priority MS
* priority from ReferralPriorities (required)
* code 1..1 MS
* code from ServiceTypes (preferred)
* subject 1..1 MS
* subject only Reference(LahettiPatient)
* authoredOn 1..1 MS
* requester 1..1 MS
* requester only Reference(PractitionerRole or Organization)
* requester obeys lsr-requester and lsr-requester-name
* requester ^short = "Who referred: name, unit and call-back number are shown to the provider"
* performer 0..1 MS
* performer only Reference(LahettiHealthcareService)
* performer ^short = "The service that the professional has chosen, if any"
* reasonCode 1..* MS
* reasonCode from ReferralReasons (required)
* reasonCode obeys lsr-other
* reasonCode ^short = "A reason of the pathway's value set; other codings, such as ICD-10, may stand beside it"
* supportingInfo 1..* MS
* supportingInfo ^slicing.discriminator.type = #type
* supportingInfo ^slicing.discriminator.path = "resolve()"
* supportingInfo ^slicing.rules = #open
* supportingInfo contains consent 1..1 MS
* supportingInfo[consent] only Reference(LahettiConsent)
* supportingInfo[consent] ^short = "The client's permission"
* encounter ^short = "Kept, never resolved"
* note MS
* note ^short = "How and when to call"
* patientInstruction MS

Profile: LahettiFillerOrder
Parent: ServiceRequest
Id: lahetti-filler-order
Title: "Order to a provider"
Description: "What one provider is asked: made by the gateway from the referral, one for each routing. Its provider reads it."
* basedOn 1..1 MS
* basedOn only Reference(ServiceRequest)
* status MS
* intent MS
* intent = #filler-order
* category 1..* MS
* code 1..1 MS
* subject 1..1 MS
* subject only Reference(LahettiPatient)
* authoredOn 1..1 MS
* requester 1..1 MS
* performer 2..2 MS
* performer only Reference(LahettiHealthcareService or LahettiOrganization)
* performer ^short = "The service, and the organization that gives it"
* reasonCode 1..* MS
* note MS
* patientInstruction MS
