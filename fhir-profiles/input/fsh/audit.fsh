ValueSet: AuditedInteractions
Id: audited-interaction
Title: "Lokitetut toiminnot"
Description: "What is told of a look at, or a change of, somebody's data."
* ^experimental = false
* $RestfulInteraction#read
* $RestfulInteraction#vread
* $RestfulInteraction#history-instance
* $RestfulInteraction#search-type
* $RestfulInteraction#update
* $RestfulInteraction#patch
* $RestfulInteraction#delete
* $RestfulInteraction#operation

Invariant: lae-caller
Description: "Exactly one agent asked, and the installation knows it by a client's identifier."
Expression: "agent.where(requestor = true).count() = 1 and agent.where(requestor = true).who.identifier.where(system = 'https://lahetti.example/fhir/NamingSystem/client' and value.exists()).exists()"
Severity: #error

Invariant: lae-refused
Description: "What was given ended well (outcome 0, outcomeDesc given); what was not says why and is a failure."
Expression: "(outcome = '0') = (outcomeDesc = 'given')"
Severity: #error

Profile: LahettiAuditEvent
Parent: AuditEvent
Id: lahetti-audit-event
Title: "Who read or changed whose data"
Description: "One look at, or change of, one document of a referral, or the refusal of it; made by both vaults, and read by the county's officer alone. It names documents and clients, and repeats nothing of what was read."
* obeys lae-caller and lae-refused
* type = $AuditEventType#rest
* type MS
* subtype 1..1 MS
* subtype from AuditedInteractions (required)
* action 1..1 MS
* recorded MS
* outcome 1..1 MS
* outcomeDesc 1..1 MS
* outcomeDesc ^short = "`given`, or the slug of the reason why not"
* purposeOfEvent 0..1 MS
* agent 1..2 MS
* agent ^short = "Who asked, and the provider on whose behalf a page or a service did"
* agent.role 1..1 MS
* agent.role ^short = "ehr, provider, service or staff"
* agent.who 1..1 MS
* agent.altId 0..0
* source.observer MS
* source.observer ^short = "The vault: referral-gateway or outcome-collector"
* entity MS
* entity.what 1..1 MS
* entity.what ^short = "The document, in the version that was read; then the referral's Patient and ServiceRequest"
* entity.name 0..0
* entity.description 0..0
* entity.query 0..0
* entity.detail 0..0
* entity.detail ^short = "What was read or asked for is not repeated in the record of its reading"
