CodeSystem: Profession
Id: profession
Title: "Lähettäjän ammatti"
Description: "Who refers, where a county's rules ask for it. Counties may add professions of their own."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* ^content = #fragment

* #physician "lääkäri"
* #physician ^designation[0].language = #fi
* #physician ^designation[0].value = "lääkäri"
* #physician ^designation[1].language = #sv
* #physician ^designation[1].value = "läkare"
* #physician ^designation[2].language = #en
* #physician ^designation[2].value = "physician"

* #nurse "sairaanhoitaja"
* #nurse ^designation[0].language = #fi
* #nurse ^designation[0].value = "sairaanhoitaja"
* #nurse ^designation[1].language = #sv
* #nurse ^designation[1].value = "sjukskötare"
* #nurse ^designation[2].language = #en
* #nurse ^designation[2].value = "nurse"

* #public-health-nurse "terveydenhoitaja"
* #public-health-nurse ^designation[0].language = #fi
* #public-health-nurse ^designation[0].value = "terveydenhoitaja"
* #public-health-nurse ^designation[1].language = #sv
* #public-health-nurse ^designation[1].value = "hälsovårdare"
* #public-health-nurse ^designation[2].language = #en
* #public-health-nurse ^designation[2].value = "public health nurse"

* #physiotherapist "fysioterapeutti"
* #physiotherapist ^designation[0].language = #fi
* #physiotherapist ^designation[0].value = "fysioterapeutti"
* #physiotherapist ^designation[1].language = #sv
* #physiotherapist ^designation[1].value = "fysioterapeut"
* #physiotherapist ^designation[2].language = #en
* #physiotherapist ^designation[2].value = "physiotherapist"

* #social-worker "sosiaalityöntekijä"
* #social-worker ^designation[0].language = #fi
* #social-worker ^designation[0].value = "sosiaalityöntekijä"
* #social-worker ^designation[1].language = #sv
* #social-worker ^designation[1].value = "socialarbetare"
* #social-worker ^designation[2].language = #en
* #social-worker ^designation[2].value = "social worker"

* #social-adviser "sosiaaliohjaaja"
* #social-adviser ^designation[0].language = #fi
* #social-adviser ^designation[0].value = "sosiaaliohjaaja"
* #social-adviser ^designation[1].language = #sv
* #social-adviser ^designation[1].value = "socialhandledare"
* #social-adviser ^designation[2].language = #en
* #social-adviser ^designation[2].value = "social adviser"

ValueSet: Professions
Id: profession
Title: "Lähettäjien ammatit"
Description: "The professions that are known to all."
* ^experimental = false
* include codes from system Profession

CodeSystem: TargetGroup
Id: target-group
Title: "Kohderyhmä"
Description: "A group of residents that a county's rules name. Counties may add groups of their own."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* ^content = #fragment

* #senior-health-check "seniorin hyvinvointitarkastus (68-vuotiaat)"
* #senior-health-check ^designation[0].language = #fi
* #senior-health-check ^designation[0].value = "seniorin hyvinvointitarkastus (68-vuotiaat)"
* #senior-health-check ^designation[1].language = #sv
* #senior-health-check ^designation[1].value = "välfärdskontroll för seniorer (68-åringar)"
* #senior-health-check ^designation[2].language = #en
* #senior-health-check ^designation[2].value = "senior health check (at 68)"

* #unemployed-health-check "työttömän terveystarkastus"
* #unemployed-health-check ^designation[0].language = #fi
* #unemployed-health-check ^designation[0].value = "työttömän terveystarkastus"
* #unemployed-health-check ^designation[1].language = #sv
* #unemployed-health-check ^designation[1].value = "hälsokontroll för arbetslösa"
* #unemployed-health-check ^designation[2].language = #en
* #unemployed-health-check ^designation[2].value = "health check of the unemployed"

ValueSet: TargetGroups
Id: target-group
Title: "Kohderyhmät"
Description: "The target groups that are known to all."
* ^experimental = false
* include codes from system TargetGroup

CodeSystem: RoutingInput
Id: routing-input
Title: "Ohjauksen peruste"
Description: "What a county's rule looks at. A Provenance names them and never says what they were."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* ^content = #complete

* #age "ikä"
* #age ^designation[0].language = #fi
* #age ^designation[0].value = "ikä"
* #age ^designation[1].language = #sv
* #age ^designation[1].value = "ålder"
* #age ^designation[2].language = #en
* #age ^designation[2].value = "age"

* #reasons "lähetteen syyt"
* #reasons ^designation[0].language = #fi
* #reasons ^designation[0].value = "lähetteen syyt"
* #reasons ^designation[1].language = #sv
* #reasons ^designation[1].value = "remissens orsaker"
* #reasons ^designation[2].language = #en
* #reasons ^designation[2].value = "reasons of the referral"

* #municipality "kotikunta"
* #municipality ^designation[0].language = #fi
* #municipality ^designation[0].value = "kotikunta"
* #municipality ^designation[1].language = #sv
* #municipality ^designation[1].value = "hemkommun"
* #municipality ^designation[2].language = #en
* #municipality ^designation[2].value = "municipality of residence"

* #risk "riskiarvio"
* #risk ^designation[0].language = #fi
* #risk ^designation[0].value = "riskiarvio"
* #risk ^designation[1].language = #sv
* #risk ^designation[1].value = "riskbedömning"
* #risk ^designation[2].language = #en
* #risk ^designation[2].value = "risk assessment"

* #physiotherapist "fysioterapeuttisen osaamisen tarve"
* #physiotherapist ^designation[0].language = #fi
* #physiotherapist ^designation[0].value = "fysioterapeuttisen osaamisen tarve"
* #physiotherapist ^designation[1].language = #sv
* #physiotherapist ^designation[1].value = "behov av fysioterapeutens kunnande"
* #physiotherapist ^designation[2].language = #en
* #physiotherapist ^designation[2].value = "need for a physiotherapist's skill"

* #diagnoses "todetut sairaudet"
* #diagnoses ^designation[0].language = #fi
* #diagnoses ^designation[0].value = "todetut sairaudet"
* #diagnoses ^designation[1].language = #sv
* #diagnoses ^designation[1].value = "konstaterade sjukdomar"
* #diagnoses ^designation[2].language = #en
* #diagnoses ^designation[2].value = "illnesses found"

* #target-group "kohderyhmä"
* #target-group ^designation[0].language = #fi
* #target-group ^designation[0].value = "kohderyhmä"
* #target-group ^designation[1].language = #sv
* #target-group ^designation[1].value = "målgrupp"
* #target-group ^designation[2].language = #en
* #target-group ^designation[2].value = "target group"

ValueSet: RoutingInputs
Id: routing-input
Title: "Ohjauksen perusteet"
Description: "Everything that a rule may look at."
* ^experimental = false
* include codes from system RoutingInput

CodeSystem: RoutingBasis
Id: routing-basis
Title: "Ohjauksen tapa"
Description: "What decided where a referral goes."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* ^content = #complete

* #rule "alueen kriteeri"
* #rule ^designation[0].language = #fi
* #rule ^designation[0].value = "alueen kriteeri"
* #rule ^designation[1].language = #sv
* #rule ^designation[1].value = "områdets kriterium"
* #rule ^designation[2].language = #en
* #rule ^designation[2].value = "the county's rule"

* #override "ammattilaisen perusteltu valinta"
* #override ^designation[0].language = #fi
* #override ^designation[0].value = "ammattilaisen perusteltu valinta"
* #override ^designation[1].language = #sv
* #override ^designation[1].value = "yrkespersonens motiverade val"
* #override ^designation[2].language = #en
* #override ^designation[2].value = "the professional's choice, with a reason"

ValueSet: RoutingBases
Id: routing-basis
Title: "Ohjauksen tavat"
Description: "Everything that may decide."
* ^experimental = false
* include codes from system RoutingBasis

Extension: NeedsPhysiotherapist
Id: needs-physiotherapist
Title: "Needs a physiotherapist's skill"
Description: "Whether the client needs a physiotherapist's skill, as the professional sees it."
Context: ServiceRequest
* value[x] 1..1
* value[x] only boolean

Extension: HasDiagnoses
Id: has-diagnoses
Title: "Is ill already"
Description: "Whether illnesses have been found that the county's rules ask about. Which ones is not said."
Context: ServiceRequest
* value[x] 1..1
* value[x] only boolean

Extension: TargetGroupExtension
Id: target-group
Title: "Target group"
Description: "The group by which the client came, such as the health check at 68."
Context: ServiceRequest
* value[x] 1..1
* value[x] only code
* valueCode from TargetGroups (preferred)

Extension: RoutingOverride
Id: routing-override
Title: "Override of the county's rule"
Description: "The kind of service that the professional asks for in place of what the county's rule leads to, with the reason."
Context: ServiceRequest
* value[x] 1..1
* value[x] only CodeableConcept
* valueCodeableConcept from ServiceTypes (preferred)
* valueCodeableConcept.coding 1..*
* valueCodeableConcept.text 1..1
* valueCodeableConcept.text ^short = "Why"

Extension: RoutingInputExtension
Id: routing-input
Title: "Input of the rule"
Description: "The name of something that the rule looked at, never what it was."
Context: Provenance
* value[x] 1..1
* value[x] only code
* valueCode from RoutingInputs (required)

Profile: LahettiRoutingProvenance
Parent: Provenance
Id: lahetti-routing-provenance
Title: "Why a referral went where it went"
Description: "Made by the gateway with each routing of a pathway that has rules: the rule that decided, its version, and the names of what it looked at. Only whoever referred reads it. Its id is the referral's, each further routing is its next version."
* extension contains RoutingInputExtension named input 0..* MS
* target 2..2 MS
* target only Reference(ServiceRequest)
* target ^short = "The referral, and the order to the provider"
* recorded MS
* policy 1..1 MS
* policy ^short = "The decision table and its version"
* reason 1..1 MS
* reason.coding 1..1 MS
* reason.coding.system 1..1 MS
* reason.coding.version 1..1 MS
* reason.coding.code 1..1 MS
* reason.coding.code ^short = "The rule"
* reason.coding.display 1..1 MS
* reason.coding.display ^short = "The rule in words, in Finnish; Swedish and English by the extension translation"
* activity 1..1 MS
* activity ^short = "CREATE, and whether the rule decided or the professional's override"
* agent 1..1 MS
* entity 1..1 MS
* entity.role = #source
