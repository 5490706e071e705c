ValueSet: EndpointChannels
Id: endpoint-channel
Title: "Ilmoitusten kanavat"
Description: "By which ways a provider can be told of a referral."
* ^experimental = false
* $Channel#rest-hook
* $Channel#email

Invariant: ldi-id
Description: "The id is written with a-z, 0-9 and hyphens, at most forty characters."
Expression: "id.exists() and id.matches('^[a-z0-9-]{1,40}$')"
Severity: #error

Invariant: lor-kind
Description: "The kind of provider is given: a permission may name kinds."
Expression: "type.coding.where(system = 'https://lahetti.example/fhir/CodeSystem/provider-kind' and code.exists()).exists()"
Severity: #error

Invariant: lhs-capacity
Description: "The capacity signal stands at most once, and its code says capacity, no-capacity or waitlist (SDOH Clinical Care 3.0.0)."
Expression: "extension.where(url = 'http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceCapacityStatus').count() <= 1 and extension.where(url = 'http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceCapacityStatus').all(extension.where(url = 'capacityStatus').count() = 1 and extension.where(url = 'capacityStatus').value.coding.where(system = 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes' and (code = 'capacity' or code = 'no-capacity' or code = 'waitlist')).count() = 1)"
Severity: #error

Invariant: len-address
Description: "The address fits the channel: a URL for rest-hook, mailto: for email."
Expression: "(connectionType.code = 'rest-hook' and address.matches('^https?://.*')) or (connectionType.code = 'email' and address.matches('^mailto:.*'))"
Severity: #error

Profile: LahettiOrganization
Parent: Organization
Id: lahetti-organization
Title: "Provider"
Description: "An organisation that receives referrals: county data."
* obeys ldi-id and lor-kind
* extension contains AbleToServeProtected named ableToServeProtected 0..1 MS
* active MS
* type 1..* MS
* type from ProviderKinds (preferred)
* name MS
* contact MS
* contact ^short = "Whom the professional may ask: the counterpart"

Profile: LahettiHealthcareService
Parent: HealthcareService
Id: lahetti-healthcare-service
Title: "Service of a provider"
Description: "What a provider offers, and for which pathways: county data. How many referrals it takes is said by its agreement; that it has no room now, by the capacity signal of SDOH Clinical Care 3.0.0 (extension SDOHCC-ExtensionHealthcareServiceCapacityStatus): with no-capacity or waitlist no referral is routed to it."
* obeys ldi-id and lhs-capacity
* active MS
* providedBy 1..1 MS
* providedBy only Reference(LahettiOrganization)
* category MS
* category from Pathways (preferred)
* type MS
* type from ServiceTypes (preferred)
* name MS
* communication MS

Profile: LahettiEndpoint
Parent: Endpoint
Id: lahetti-endpoint
Title: "Address of a provider"
Description: "Where a provider is told of its referrals: a webhook, or a mail address as mailto:. One with the label HTEST takes test referrals, and only those."
* obeys ldi-id and len-address
* meta.security MS
* status MS
* connectionType MS
* connectionType from EndpointChannels (required)
* managingOrganization 1..1 MS
* managingOrganization only Reference(LahettiOrganization)
* address MS
* header 0..0
* header ^short = "Headers may hold secrets: webhooks are signed instead"
