CodeSystem: Initiative
Id: initiative
Title: "Aloitteen tekijä"
Description: "Who took the initiative to a referral."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* #professional "ammattilainen"
* #professional ^designation[0].language = #sv
* #professional ^designation[0].value = "yrkesperson"
* #professional ^designation[1].language = #en
* #professional ^designation[1].value = "professional"
* #client "asiakas"
* #client ^designation[0].language = #sv
* #client ^designation[0].value = "klient"
* #client ^designation[1].language = #en
* #client ^designation[1].value = "client"

ValueSet: Initiatives
Id: initiative
Title: "Aloitteen tekijät"
Description: "Who may take the initiative to a referral."
* ^experimental = false
* include codes from system Initiative

Extension: InitiativeExtension
Id: initiative
Title: "Initiative"
Description: "Who took the initiative to the referral."
Context: ServiceRequest
* value[x] 1..1
* value[x] only code
* valueCode from Initiatives (required)

Extension: ChannelExtension
Id: channel
Title: "Channel"
Description: "By which way the referral came, as the county counts it: `ehr` where a patient record system posted it."
Context: ServiceRequest
* value[x] 1..1
* value[x] only code

Extension: AbleToServeProtected
Id: able-to-serve-protected
Title: "Able to serve protected persons"
Description: "The provider may receive referrals of persons under turvakielto."
Context: Organization
* value[x] 1..1
* value[x] only boolean

Extension: ContactAttempts
Id: contact-attempts
Title: "Contact attempts"
Description: "How often the provider tried to reach the client. Must be there with the reason client-not-reached."
Context: Task.statusReason
* value[x] 1..1
* value[x] only integer or positiveInt
