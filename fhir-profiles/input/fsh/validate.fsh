Instance: validate
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://lahetti.example/fhir/OperationDefinition/validate"
* version = "0.1.0"
* name = "Validate"
* title = "Whether a resource would be taken"
* description = "All that is wrong with a resource, by R4 and by our profile, at most fifty issues, in the language that Accept-Language asks for. Posted is the resource itself, or Parameters. Nothing is written, nothing looked up: whether a number was posted before, and what the county's rules say of it, is not asked (see $route). A subset of R4's operation: POST only, of the type, without mode."
* status = #active
* kind = #operation
* experimental = false
* affectsState = false
* code = #validate
* base = "http://hl7.org/fhir/OperationDefinition/Resource-validate"
* resource[0] = #ServiceRequest
* resource[1] = #Patient
* resource[2] = #Consent
* system = false
* type = true
* instance = false
* parameter[0].name = #resource
* parameter[0].use = #in
* parameter[0].min = 1
* parameter[0].max = "1"
* parameter[0].documentation = "The resource, of the type at which the operation is called."
* parameter[0].type = #Resource
* parameter[1].name = #profile
* parameter[1].use = #in
* parameter[1].min = 0
* parameter[1].max = "1"
* parameter[1].documentation = "One of our profiles of that type; the one for what a record system posts, unless another is given."
* parameter[1].type = #uri
* parameter[2].name = #return
* parameter[2].use = #out
* parameter[2].min = 1
* parameter[2].max = "1"
* parameter[2].documentation = "One informational issue where nothing is wrong."
* parameter[2].type = #OperationOutcome
