ValueSet: ReferralTaskStatuses
Id: referral-task-status
Title: "Lähetteen tilat"
Description: "The statuses that a Task shows. `received` is understood from a provider and shown as businessStatus opened."
* ^experimental = false
* $TaskStatus#requested
* $TaskStatus#accepted
* $TaskStatus#rejected
* $TaskStatus#in-progress
* $TaskStatus#on-hold
* $TaskStatus#completed
* $TaskStatus#failed
* $TaskStatus#cancelled
* $TaskStatus#entered-in-error

Invariant: lta-reason
Description: "A reason is given where the Task is rejected, on hold, cancelled or failed, and nowhere else (pa-taskrm-1 of the Physical Activity guide)."
Expression: "(status = 'rejected' or status = 'on-hold' or status = 'cancelled' or status = 'failed') = statusReason.exists()"
Severity: #error

Invariant: lta-attempts
Description: "With the reason client-not-reached the number of contact attempts is known, and at least one."
Expression: "coding.where(system = 'https://lahetti.example/fhir/CodeSystem/referral-status-reason' and code = 'client-not-reached').exists() implies extension.where(url = 'https://lahetti.example/fhir/StructureDefinition/contact-attempts').value.where($this >= 1).exists()"
Severity: #error

Profile: LahettiTask
Parent: Task
Id: lahetti-task
Title: "Task of a referral"
Description: "What the referrer follows (Task A), and what one provider answers (Task B, part of A). Made and moved by the collector alone; a provider changes status, statusReason, businessStatus, output, note and executionPeriod by PATCH."
* obeys lta-reason
* partOf MS
* partOf only Reference(LahettiTask)
* status MS
* status from ReferralTaskStatuses (required)
* statusReason MS
* statusReason from ReferralStatusReasons (required)
* statusReason obeys lta-attempts
* statusReason.extension contains ContactAttempts named contactAttempts 0..1 MS
* businessStatus MS
* businessStatus from ReferralProgressCodes (required)
* intent MS
* intent = #order
* code 1..1 MS
* code = $TaskCode#fulfill
* focus 1..1 MS
* focus only Reference(ServiceRequest)
* for 1..1 MS
* for only Reference(LahettiPatient)
* authoredOn 1..1 MS
* lastModified MS
* requester 1..1 MS
* owner 1..1 MS
* owner only Reference(Organization)
* note MS
* restriction 1..1 MS
* restriction.period 1..1 MS
* restriction.period.end 1..1 MS
* restriction.period.end ^short = "The date by which the provider promises contact"
* output MS
* output.type from ReferralOutputs (preferred)

Profile: LahettiSubmittedTask
Parent: Task
Id: lahetti-submitted-task
Title: "Task that a record system posts"
Description: "The record system's own Task, posted with the referral by systems that want the status written back. Its fullUrl is its absolute address under the client's registered base."
* implicitRules 0..0
* implicitRules ^short = "Rules that are not known here cannot be kept"
* modifierExtension 0..0
* modifierExtension ^short = "What changes the meaning and is not understood is refused, as R4 asks"
* status MS
* status = #requested
* code 1..1 MS
* code = $TaskCode#fulfill
* focus 1..1 MS
* focus only Reference(LahettiServiceRequest)

Profile: LahettiAbortTask
Parent: Task
Id: lahetti-abort-task
Title: "Wish to stop"
Description: "The referrer's wish that the provider ends what it has started. The provider accepts it, and the Task of its focus becomes cancelled, or rejects it."
* partOf MS
* status MS
* status from ReferralTaskStatuses (required)
* intent = #order
* code 1..1 MS
* code = $TaskCode#abort
* focus 1..1 MS
* focus only Reference(LahettiTask)
* for 1..1 MS
* authoredOn 1..1 MS
* requester 1..1 MS
* owner 1..1 MS
* owner only Reference(Organization)
* reasonCode 1..1 MS
* reasonCode from ReferralStatusReasons (required)
* reasonCode ^short = "The reason that the other Task gets when the provider agrees"
* note MS
