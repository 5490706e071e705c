Alias: $ActCode = http://terminology.hl7.org/CodeSystem/v3-ActCode
Alias: $ConsentScope = http://terminology.hl7.org/CodeSystem/consentscope
Alias: $Channel = http://terminology.hl7.org/CodeSystem/subscription-channel-type
Alias: $TaskCode = http://hl7.org/fhir/CodeSystem/task-code
Alias: $TaskStatus = http://hl7.org/fhir/task-status
Alias: $RequestPriority = http://hl7.org/fhir/request-priority
Alias: $InterpreterRequired = http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired
