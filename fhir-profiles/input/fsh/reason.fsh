// The reasons of all counties' pathways (counties/*/pathways); a test keeps them equal.

CodeSystem: ReferralReason
Id: referral-reason
Title: "Lähetteen syy"
Description: "Why a client is referred. Each pathway uses a part of it, as its ValueSet says."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* ^content = #complete

* #diabetes "diabetesriski tai tyypin 2 diabetes"
* #diabetes ^designation[0].language = #fi
* #diabetes ^designation[0].value = "diabetesriski tai tyypin 2 diabetes"
* #diabetes ^designation[1].language = #sv
* #diabetes ^designation[1].value = "risk för diabetes eller diabetes typ 2"
* #diabetes ^designation[2].language = #en
* #diabetes ^designation[2].value = "diabetes risk or type 2 diabetes"

* #high-blood-pressure "korkea verenpaine"
* #high-blood-pressure ^designation[0].language = #fi
* #high-blood-pressure ^designation[0].value = "korkea verenpaine"
* #high-blood-pressure ^designation[1].language = #sv
* #high-blood-pressure ^designation[1].value = "högt blodtryck"
* #high-blood-pressure ^designation[2].language = #en
* #high-blood-pressure ^designation[2].value = "high blood pressure"

* #lifestyle-interest "oma kiinnostus elintapoja kohtaan"
* #lifestyle-interest ^designation[0].language = #fi
* #lifestyle-interest ^designation[0].value = "oma kiinnostus elintapoja kohtaan"
* #lifestyle-interest ^designation[1].language = #sv
* #lifestyle-interest ^designation[1].value = "eget intresse för levnadsvanor"
* #lifestyle-interest ^designation[2].language = #en
* #lifestyle-interest ^designation[2].value = "own interest in lifestyle"

* #mental-wellbeing "mielenhyvinvoinnin haasteet"
* #mental-wellbeing ^designation[0].language = #fi
* #mental-wellbeing ^designation[0].value = "mielenhyvinvoinnin haasteet"
* #mental-wellbeing ^designation[1].language = #sv
* #mental-wellbeing ^designation[1].value = "utmaningar med det psykiska välbefinnandet"
* #mental-wellbeing ^designation[2].language = #en
* #mental-wellbeing ^designation[2].value = "challenges of mental wellbeing"

* #musculoskeletal-symptoms "tuki- ja liikuntaelinoireet"
* #musculoskeletal-symptoms ^designation[0].language = #fi
* #musculoskeletal-symptoms ^designation[0].value = "tuki- ja liikuntaelinoireet"
* #musculoskeletal-symptoms ^designation[1].language = #sv
* #musculoskeletal-symptoms ^designation[1].value = "besvär i stöd- och rörelseorganen"
* #musculoskeletal-symptoms ^designation[2].language = #en
* #musculoskeletal-symptoms ^designation[2].value = "musculoskeletal symptoms"

* #other "muu syy"
* #other ^designation[0].language = #fi
* #other ^designation[0].value = "muu syy"
* #other ^designation[1].language = #sv
* #other ^designation[1].value = "annan orsak"
* #other ^designation[2].language = #en
* #other ^designation[2].value = "other reason"

* #overweight "ylipaino"
* #overweight ^designation[0].language = #fi
* #overweight ^designation[0].value = "ylipaino"
* #overweight ^designation[1].language = #sv
* #overweight ^designation[1].value = "övervikt"
* #overweight ^designation[2].language = #en
* #overweight ^designation[2].value = "overweight"

* #physical-inactivity "liikkumattomuus"
* #physical-inactivity ^designation[0].language = #fi
* #physical-inactivity ^designation[0].value = "liikkumattomuus"
* #physical-inactivity ^designation[1].language = #sv
* #physical-inactivity ^designation[1].value = "fysisk inaktivitet"
* #physical-inactivity ^designation[2].language = #en
* #physical-inactivity ^designation[2].value = "physical inactivity"

* #unemployment "työttömyys"
* #unemployment ^designation[0].language = #fi
* #unemployment ^designation[0].value = "työttömyys"
* #unemployment ^designation[1].language = #sv
* #unemployment ^designation[1].value = "arbetslöshet"
* #unemployment ^designation[2].language = #en
* #unemployment ^designation[2].value = "unemployment"

* #nutrition "ravitsemus"
* #nutrition ^designation[0].language = #fi
* #nutrition ^designation[0].value = "ravitsemus"
* #nutrition ^designation[1].language = #sv
* #nutrition ^designation[1].value = "kost"
* #nutrition ^designation[2].language = #en
* #nutrition ^designation[2].value = "nutrition"

* #exercise "liikkuminen"
* #exercise ^designation[0].language = #fi
* #exercise ^designation[0].value = "liikkuminen"
* #exercise ^designation[1].language = #sv
* #exercise ^designation[1].value = "rörelse"
* #exercise ^designation[2].language = #en
* #exercise ^designation[2].value = "exercise"

* #sleeplessness "unettomuuden lääkkeetön hoito"
* #sleeplessness ^designation[0].language = #fi
* #sleeplessness ^designation[0].value = "unettomuuden lääkkeetön hoito"
* #sleeplessness ^designation[1].language = #sv
* #sleeplessness ^designation[1].value = "läkemedelsfri behandling av sömnlöshet"
* #sleeplessness ^designation[2].language = #en
* #sleeplessness ^designation[2].value = "sleeplessness, without medicine"

* #quitting-tobacco "tupakoinnin tai nikotiinituotteiden käytön lopettaminen"
* #quitting-tobacco ^designation[0].language = #fi
* #quitting-tobacco ^designation[0].value = "tupakoinnin tai nikotiinituotteiden käytön lopettaminen"
* #quitting-tobacco ^designation[1].language = #sv
* #quitting-tobacco ^designation[1].value = "att sluta röka eller använda nikotinprodukter"
* #quitting-tobacco ^designation[2].language = #en
* #quitting-tobacco ^designation[2].value = "quitting tobacco or nicotine products"

* #weakened-resources "heikentyneet voimavarat"
* #weakened-resources ^designation[0].language = #fi
* #weakened-resources ^designation[0].value = "heikentyneet voimavarat"
* #weakened-resources ^designation[1].language = #sv
* #weakened-resources ^designation[1].value = "försvagade resurser"
* #weakened-resources ^designation[2].language = #en
* #weakened-resources ^designation[2].value = "weakened resources"

* #functional-ability "toimintakyvyn heikkeneminen"
* #functional-ability ^designation[0].language = #fi
* #functional-ability ^designation[0].value = "toimintakyvyn heikkeneminen"
* #functional-ability ^designation[1].language = #sv
* #functional-ability ^designation[1].value = "nedsatt funktionsförmåga"
* #functional-ability ^designation[2].language = #en
* #functional-ability ^designation[2].value = "weakened functional ability"

ValueSet: ReferralReasonExercise
Id: referral-reason-exercise
Title: "Liikuntalähetteen syyt"
Description: "The reasons of an exercise referral. `other` needs a text."
* ^experimental = false
* ReferralReason#physical-inactivity
* ReferralReason#overweight
* ReferralReason#diabetes
* ReferralReason#lifestyle-interest
* ReferralReason#musculoskeletal-symptoms
* ReferralReason#high-blood-pressure
* ReferralReason#mental-wellbeing
* ReferralReason#unemployment
* ReferralReason#other

ValueSet: ReferralReasonLifestyle
Id: referral-reason-lifestyle
Title: "Elintapaohjauksen aiheet"
Description: "The topics of lifestyle guidance. `other` needs a text."
* ^experimental = false
* ReferralReason#nutrition
* ReferralReason#exercise
* ReferralReason#sleeplessness
* ReferralReason#mental-wellbeing
* ReferralReason#quitting-tobacco
* ReferralReason#other

ValueSet: ReferralReasonWellbeing
Id: referral-reason-wellbeing
Title: "Hyvinvointilähetteen syyt"
Description: "The reasons of a wellbeing referral. `other` needs a text."
* ^experimental = false
* ReferralReason#weakened-resources
* ReferralReason#physical-inactivity
* ReferralReason#mental-wellbeing
* ReferralReason#unemployment
* ReferralReason#other

ValueSet: ReferralReasonRehabilitation
Id: referral-reason-rehabilitation
Title: "Kuntoutukseen ohjaamisen syyt"
Description: "The reasons of rehabilitation guidance. `other` needs a text."
* ^experimental = false
* ReferralReason#functional-ability
* ReferralReason#musculoskeletal-symptoms
* ReferralReason#other

ValueSet: ReferralReasons
Id: referral-reason
Title: "Lähetteen syyt"
Description: "The reasons of every pathway."
* ^experimental = false
* include codes from system ReferralReason
