Instance: lahetti-ehr
InstanceOf: CapabilityStatement
Usage: #definition
Title: "What is asked of a patient record system"
* url = "https://lahetti.example/fhir/CapabilityStatement/lahetti-ehr"
* version = "0.1.0"
* name = "LahettiEhr"
* title = "What is asked of a patient record system"
* status = #active
* date = "2026-11-22"
* description = "A patient record system posts referrals. One that wants the status written into its own Task serves that Task; one that does not reads the Task here."
* kind = #requirements
* fhirVersion = #4.0.1
* format[0] = #application/fhir+json
* rest[0].mode = #client
* rest[0].documentation = "Towards Lähetti's base, with a token of SMART Backend Services."
* rest[0].interaction[0].code = #transaction
* rest[0].interaction[0].documentation = "One referral: Patient, Consent, ServiceRequest, whoever referred, and its own Task where it keeps one. The same referral may be posted again: the answer is the first one's."
* rest[0].resource[0].type = #ServiceRequest
* rest[0].resource[0].supportedProfile = Canonical(LahettiServiceRequest)
* rest[0].resource[0].interaction[0].code = #update
* rest[0].resource[0].interaction[0].documentation = "With If-Match, to set the status to revoked (with a reason in the extension request-statusReason) or entered-in-error, or to add a note."
* rest[0].resource[1].type = #Consent
* rest[0].resource[1].supportedProfile = Canonical(LahettiConsent)
* rest[0].resource[1].interaction[0].code = #update
* rest[0].resource[1].interaction[0].documentation = "With If-Match, to set the status to inactive: the permission is withdrawn."
* rest[0].resource[2].type = #Patient
* rest[0].resource[2].supportedProfile = Canonical(LahettiPatient)
* rest[0].resource[2].documentation = "Posted with each referral, as it is known then."
* rest[0].resource[3].type = #Task
* rest[0].resource[3].supportedProfile = Canonical(LahettiTask)
* rest[0].resource[3].interaction[0].code = #read
* rest[0].resource[3].interaction[0].documentation = "By a record system that does not keep a Task of its own."
* rest[0].resource[3].interaction[1].code = #search-type
* rest[1].mode = #server
* rest[1].documentation = "Only where the status is to be written back: at the base that the county has registered. Lähetti sends a signed token whose audience is that base; its keys are at [base]/.well-known/jwks.json."
* rest[1].resource[0].type = #Task
* rest[1].resource[0].supportedProfile = Canonical(LahettiSubmittedTask)
* rest[1].resource[0].versioning = #versioned-update
* rest[1].resource[0].interaction[0].code = #read
* rest[1].resource[0].interaction[0].documentation = "With an ETag, or a meta.versionId."
* rest[1].resource[0].interaction[1].code = #update
* rest[1].resource[0].interaction[1].documentation = "With If-Match; 409 or 412 where the Task has changed, which is then read again."
