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

* #physiotherapist-counselling "Fysioterapeutin liikuntaneuvonta"
* #physiotherapist-counselling ^designation[0].language = #fi
* #physiotherapist-counselling ^designation[0].value = "Fysioterapeutin liikuntaneuvonta"
* #physiotherapist-counselling ^designation[1].language = #sv
* #physiotherapist-counselling ^designation[1].value = "Fysioterapeutens motionsrådgivning"
* #physiotherapist-counselling ^designation[2].language = #en
* #physiotherapist-counselling ^designation[2].value = "Physiotherapist's exercise counselling"

* #gym-starter-course "Kuntosalin starttikurssi"
* #gym-starter-course ^designation[0].language = #fi
* #gym-starter-course ^designation[0].value = "Kuntosalin starttikurssi"
* #gym-starter-course ^designation[1].language = #sv
* #gym-starter-course ^designation[1].value = "Startkurs på gym"
* #gym-starter-course ^designation[2].language = #en
* #gym-starter-course ^designation[2].value = "Gym starter course"

* #water-starter-course "Vesiliikunnan starttikurssi"
* #water-starter-course ^designation[0].language = #fi
* #water-starter-course ^designation[0].value = "Vesiliikunnan starttikurssi"
* #water-starter-course ^designation[1].language = #sv
* #water-starter-course ^designation[1].value = "Startkurs i vattengymnastik"
* #water-starter-course ^designation[2].language = #en
* #water-starter-course ^designation[2].value = "Water exercise starter course"

* #lifestyle-counselling "Elintapaohjaus, yksilö"
* #lifestyle-counselling ^designation[0].language = #fi
* #lifestyle-counselling ^designation[0].value = "Elintapaohjaus, yksilö"
* #lifestyle-counselling ^designation[1].language = #sv
* #lifestyle-counselling ^designation[1].value = "Levnadsvanehandledning, individuell"
* #lifestyle-counselling ^designation[2].language = #en
* #lifestyle-counselling ^designation[2].value = "Lifestyle guidance, individual"

* #lifestyle-group "Elintapaohjaus, ryhmä"
* #lifestyle-group ^designation[0].language = #fi
* #lifestyle-group ^designation[0].value = "Elintapaohjaus, ryhmä"
* #lifestyle-group ^designation[1].language = #sv
* #lifestyle-group ^designation[1].value = "Levnadsvanehandledning, grupp"
* #lifestyle-group ^designation[2].language = #en
* #lifestyle-group ^designation[2].value = "Lifestyle guidance, group"

* #lifestyle-online-group "Elintapaohjaus, verkkoryhmä"
* #lifestyle-online-group ^designation[0].language = #fi
* #lifestyle-online-group ^designation[0].value = "Elintapaohjaus, verkkoryhmä"
* #lifestyle-online-group ^designation[1].language = #sv
* #lifestyle-online-group ^designation[1].value = "Levnadsvanehandledning, nätgrupp"
* #lifestyle-online-group ^designation[2].language = #en
* #lifestyle-online-group ^designation[2].value = "Lifestyle guidance, online group"

* #wellbeing-activity "Hyvinvointia edistävä toiminta"
* #wellbeing-activity ^designation[0].language = #fi
* #wellbeing-activity ^designation[0].value = "Hyvinvointia edistävä toiminta"
* #wellbeing-activity ^designation[1].language = #sv
* #wellbeing-activity ^designation[1].value = "Verksamhet som främjar välbefinnandet"
* #wellbeing-activity ^designation[2].language = #en
* #wellbeing-activity ^designation[2].value = "Activity that promotes wellbeing"

* #encouragement-to-move "Liikkumaan kannustava toiminta"
* #encouragement-to-move ^designation[0].language = #fi
* #encouragement-to-move ^designation[0].value = "Liikkumaan kannustava toiminta"
* #encouragement-to-move ^designation[1].language = #sv
* #encouragement-to-move ^designation[1].value = "Verksamhet som uppmuntrar till rörelse"
* #encouragement-to-move ^designation[2].language = #en
* #encouragement-to-move ^designation[2].value = "Activity that encourages to move"

* #rehabilitation-service "Kuntoutuspalvelu"
* #rehabilitation-service ^designation[0].language = #fi
* #rehabilitation-service ^designation[0].value = "Kuntoutuspalvelu"
* #rehabilitation-service ^designation[1].language = #sv
* #rehabilitation-service ^designation[1].value = "Rehabiliteringstjänst"
* #rehabilitation-service ^designation[2].language = #en
* #rehabilitation-service ^designation[2].value = "Rehabilitation service"

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
* #procedure-code "toimenpidekoodi"
* #procedure-code ^designation[0].language = #fi
* #procedure-code ^designation[0].value = "toimenpidekoodi"
* #procedure-code ^designation[1].language = #sv
* #procedure-code ^designation[1].value = "åtgärdskod"
* #procedure-code ^designation[2].language = #en
* #procedure-code ^designation[2].value = "procedure code"
* #ready-phrase "valmis fraasi"
* #ready-phrase ^designation[0].language = #fi
* #ready-phrase ^designation[0].value = "valmis fraasi"
* #ready-phrase ^designation[1].language = #sv
* #ready-phrase ^designation[1].value = "färdig fras"
* #ready-phrase ^designation[2].language = #en
* #ready-phrase ^designation[2].value = "ready phrase"

ValueSet: ReferralOutputs
Id: referral-output
Title: "Lähetteen tulokset"
Description: "Every kind of output."
* ^experimental = false
* include codes from system ReferralOutput

CodeSystem: RecordedAct
Id: recorded-act
Title: "Kirjattava teko"
Description: "What a procedure code on Task A stands for: second coding of the type of an output `procedure-code`. A county's data map pathway and act to codes."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* ^content = #complete

* #referral-made "lähete tehty"
* #referral-made ^designation[0].language = #fi
* #referral-made ^designation[0].value = "lähete tehty"
* #referral-made ^designation[1].language = #sv
* #referral-made ^designation[1].value = "remissen gjord"
* #referral-made ^designation[2].language = #en
* #referral-made ^designation[2].value = "referral made"
* #client-contacted "asiakkaaseen saatu yhteys"
* #client-contacted ^designation[0].language = #fi
* #client-contacted ^designation[0].value = "asiakkaaseen saatu yhteys"
* #client-contacted ^designation[1].language = #sv
* #client-contacted ^designation[1].value = "klienten kontaktad"
* #client-contacted ^designation[2].language = #en
* #client-contacted ^designation[2].value = "client contacted"
* #guidance-given "ohjaus annettu"
* #guidance-given ^designation[0].language = #fi
* #guidance-given ^designation[0].value = "ohjaus annettu"
* #guidance-given ^designation[1].language = #sv
* #guidance-given ^designation[1].value = "handledning given"
* #guidance-given ^designation[2].language = #en
* #guidance-given ^designation[2].value = "guidance given"
