CodeSystem: ConsentPurpose
Id: consent-purpose
Title: "Luvan tarkoitus"
Description: "What a rule of a permission is for."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* ^content = #complete

* #disclosure "tietojen luovuttaminen palveluntuottajalle"
* #disclosure ^designation[0].language = #fi
* #disclosure ^designation[0].value = "tietojen luovuttaminen palveluntuottajalle"
* #disclosure ^designation[1].language = #sv
* #disclosure ^designation[1].value = "utlämnande av uppgifter till producenten"
* #disclosure ^designation[2].language = #en
* #disclosure ^designation[2].value = "disclosure to the provider"

* #return "tuloksen palauttaminen lähettäjälle"
* #return ^designation[0].language = #fi
* #return ^designation[0].value = "tuloksen palauttaminen lähettäjälle"
* #return ^designation[1].language = #sv
* #return ^designation[1].value = "återsändande av resultatet till den som hänvisade"
* #return ^designation[2].language = #en
* #return ^designation[2].value = "return of the outcome to the referrer"

ValueSet: ConsentPurposes
Id: consent-purpose
Title: "Luvan tarkoitukset"
Description: "Every purpose of a rule."
* ^experimental = false
* include codes from system ConsentPurpose

CodeSystem: ProviderKind
Id: provider-kind
Title: "Palveluntuottajan laji"
Description: "What kind of organisation a provider is; a permission may name kinds instead of providers. Counties may add kinds of their own."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* ^content = #fragment

* #municipality "Kunta"
* #municipality ^designation[0].language = #fi
* #municipality ^designation[0].value = "Kunta"
* #municipality ^designation[1].language = #sv
* #municipality ^designation[1].value = "Kommun"
* #municipality ^designation[2].language = #en
* #municipality ^designation[2].value = "Municipality"

* #association "Järjestö"
* #association ^designation[0].language = #fi
* #association ^designation[0].value = "Järjestö"
* #association ^designation[1].language = #sv
* #association ^designation[1].value = "Förening"
* #association ^designation[2].language = #en
* #association ^designation[2].value = "Association"

* #parish "Seurakunta"
* #parish ^designation[0].language = #fi
* #parish ^designation[0].value = "Seurakunta"
* #parish ^designation[1].language = #sv
* #parish ^designation[1].value = "Församling"
* #parish ^designation[2].language = #en
* #parish ^designation[2].value = "Parish"

* #project "Hanke"
* #project ^designation[0].language = #fi
* #project ^designation[0].value = "Hanke"
* #project ^designation[1].language = #sv
* #project ^designation[1].value = "Projekt"
* #project ^designation[2].language = #en
* #project ^designation[2].value = "Project"

* #county "Hyvinvointialue"
* #county ^designation[0].language = #fi
* #county ^designation[0].value = "Hyvinvointialue"
* #county ^designation[1].language = #sv
* #county ^designation[1].value = "Välfärdsområde"
* #county ^designation[2].language = #en
* #county ^designation[2].value = "Wellbeing services county"

ValueSet: ProviderKinds
Id: provider-kind
Title: "Palveluntuottajien lajit"
Description: "The kinds of providers that are known to all."
* ^experimental = false
* include codes from system ProviderKind

CodeSystem: ServiceType
Id: service-type
Title: "Palvelun laji"
Description: "What kind of service is asked for. Counties may add kinds of their own."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* ^content = #fragment

* #exercise-counselling "Liikuntaneuvonta"
* #exercise-counselling ^designation[0].language = #fi
* #exercise-counselling ^designation[0].value = "Liikuntaneuvonta"
* #exercise-counselling ^designation[1].language = #sv
* #exercise-counselling ^designation[1].value = "Motionsrådgivning"
* #exercise-counselling ^designation[2].language = #en
* #exercise-counselling ^designation[2].value = "Exercise counselling"

ValueSet: ServiceTypes
Id: service-type
Title: "Palvelujen lajit"
Description: "The kinds of service that are known to all."
* ^experimental = false
* include codes from system ServiceType

CodeSystem: ReferralOutput
Id: referral-output
Title: "Lähetteen tulos"
Description: "What kind of outcome a Task's output is."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* ^content = #complete

* #resulting-activity "toteutunut toiminta"
* #resulting-activity ^designation[0].language = #fi
* #resulting-activity ^designation[0].value = "toteutunut toiminta"
* #resulting-activity ^designation[1].language = #sv
* #resulting-activity ^designation[1].value = "genomförd verksamhet"
* #resulting-activity ^designation[2].language = #en
* #resulting-activity ^designation[2].value = "resulting activity"

ValueSet: ReferralOutputs
Id: referral-output
Title: "Lähetteen tulokset"
Description: "Every kind of output."
* ^experimental = false
* include codes from system ReferralOutput
