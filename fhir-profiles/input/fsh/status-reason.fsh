// Each word and rule here is also in referral_contracts/status_reasons.py; a test keeps the two equal.

CodeSystem: ReferralStatusReason
Id: referral-status-reason
Title: "Syy, johon lähete pysähtyi tai päättyi"
Description: "Why a Task was rejected, put on hold, cancelled or failed, and what follows from it."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* ^content = #complete
* ^property[0].code = #initiator
* ^property[0].type = #code
* ^property[0].description = "Whose matter the reason is: client, provider, referrer or platform."
* ^property[1].code = #usableBy
* ^property[1].type = #code
* ^property[1].description = "Who may give it: provider, referrer or platform. None: nobody gives it, it is shown."
* ^property[2].code = #beforeAcceptance
* ^property[2].type = #code
* ^property[2].description = "A Task status that it may lead to while the provider has not accepted."
* ^property[3].code = #afterAcceptance
* ^property[3].type = #code
* ^property[3].description = "A Task status that it may lead to once the provider has accepted."
* ^property[4].code = #commentMandatory
* ^property[4].type = #boolean
* ^property[4].description = "Whether a text must come with it."
* ^property[5].code = #contactAttemptsMandatory
* ^property[5].type = #boolean
* ^property[5].description = "Whether the number of contact attempts must be known."
* ^property[6].code = #releasesQuota
* ^property[6].type = #code
* ^property[6].description = "Whether the agreement gets its number back: no, yes, or if-not-started."
* ^property[7].code = #reroute
* ^property[7].type = #code
* ^property[7].description = "Whether the referral goes on to another provider: automatic, case (a person decides) or never."

* #client-not-reached "asiakasta ei tavoitettu"
* #client-not-reached ^designation[0].language = #fi
* #client-not-reached ^designation[0].value = "asiakasta ei tavoitettu"
* #client-not-reached ^designation[1].language = #sv
* #client-not-reached ^designation[1].value = "klienten kunde inte nås"
* #client-not-reached ^designation[2].language = #en
* #client-not-reached ^designation[2].value = "client not reached"
* #client-not-reached ^property[0].code = #initiator
* #client-not-reached ^property[0].valueCode = #provider
* #client-not-reached ^property[1].code = #usableBy
* #client-not-reached ^property[1].valueCode = #provider
* #client-not-reached ^property[2].code = #beforeAcceptance
* #client-not-reached ^property[2].valueCode = #rejected
* #client-not-reached ^property[3].code = #afterAcceptance
* #client-not-reached ^property[3].valueCode = #failed
* #client-not-reached ^property[4].code = #commentMandatory
* #client-not-reached ^property[4].valueBoolean = false
* #client-not-reached ^property[5].code = #contactAttemptsMandatory
* #client-not-reached ^property[5].valueBoolean = true
* #client-not-reached ^property[6].code = #releasesQuota
* #client-not-reached ^property[6].valueCode = #no
* #client-not-reached ^property[7].code = #reroute
* #client-not-reached ^property[7].valueCode = #never

* #client-declined "asiakas kieltäytyi"
* #client-declined ^designation[0].language = #fi
* #client-declined ^designation[0].value = "asiakas kieltäytyi"
* #client-declined ^designation[1].language = #sv
* #client-declined ^designation[1].value = "klienten avböjde"
* #client-declined ^designation[2].language = #en
* #client-declined ^designation[2].value = "client declined"
* #client-declined ^property[0].code = #initiator
* #client-declined ^property[0].valueCode = #client
* #client-declined ^property[1].code = #usableBy
* #client-declined ^property[1].valueCode = #provider
* #client-declined ^property[2].code = #beforeAcceptance
* #client-declined ^property[2].valueCode = #rejected
* #client-declined ^property[3].code = #afterAcceptance
* #client-declined ^property[3].valueCode = #failed
* #client-declined ^property[4].code = #commentMandatory
* #client-declined ^property[4].valueBoolean = false
* #client-declined ^property[5].code = #contactAttemptsMandatory
* #client-declined ^property[5].valueBoolean = false
* #client-declined ^property[6].code = #releasesQuota
* #client-declined ^property[6].valueCode = #if-not-started
* #client-declined ^property[7].code = #reroute
* #client-declined ^property[7].valueCode = #never

* #life-situation-changed "asiakkaan elämäntilanne muuttunut"
* #life-situation-changed ^designation[0].language = #fi
* #life-situation-changed ^designation[0].value = "asiakkaan elämäntilanne muuttunut"
* #life-situation-changed ^designation[1].language = #sv
* #life-situation-changed ^designation[1].value = "klientens livssituation har förändrats"
* #life-situation-changed ^designation[2].language = #en
* #life-situation-changed ^designation[2].value = "the client's life situation has changed"
* #life-situation-changed ^property[0].code = #initiator
* #life-situation-changed ^property[0].valueCode = #client
* #life-situation-changed ^property[1].code = #usableBy
* #life-situation-changed ^property[1].valueCode = #provider
* #life-situation-changed ^property[2].code = #beforeAcceptance
* #life-situation-changed ^property[2].valueCode = #rejected
* #life-situation-changed ^property[3].code = #afterAcceptance
* #life-situation-changed ^property[3].valueCode = #failed
* #life-situation-changed ^property[4].code = #commentMandatory
* #life-situation-changed ^property[4].valueBoolean = false
* #life-situation-changed ^property[5].code = #contactAttemptsMandatory
* #life-situation-changed ^property[5].valueBoolean = false
* #life-situation-changed ^property[6].code = #releasesQuota
* #life-situation-changed ^property[6].valueCode = #if-not-started
* #life-situation-changed ^property[7].code = #reroute
* #life-situation-changed ^property[7].valueCode = #never

* #wrong-referral "virheellinen asiakasohjaus"
* #wrong-referral ^designation[0].language = #fi
* #wrong-referral ^designation[0].value = "virheellinen asiakasohjaus"
* #wrong-referral ^designation[1].language = #sv
* #wrong-referral ^designation[1].value = "felaktig hänvisning"
* #wrong-referral ^designation[2].language = #en
* #wrong-referral ^designation[2].value = "wrong referral"
* #wrong-referral ^property[0].code = #initiator
* #wrong-referral ^property[0].valueCode = #provider
* #wrong-referral ^property[1].code = #usableBy
* #wrong-referral ^property[1].valueCode = #provider
* #wrong-referral ^property[2].code = #beforeAcceptance
* #wrong-referral ^property[2].valueCode = #rejected
* #wrong-referral ^property[3].code = #afterAcceptance
* #wrong-referral ^property[3].valueCode = #failed
* #wrong-referral ^property[4].code = #commentMandatory
* #wrong-referral ^property[4].valueBoolean = false
* #wrong-referral ^property[5].code = #contactAttemptsMandatory
* #wrong-referral ^property[5].valueBoolean = false
* #wrong-referral ^property[6].code = #releasesQuota
* #wrong-referral ^property[6].valueCode = #yes
* #wrong-referral ^property[7].code = #reroute
* #wrong-referral ^property[7].valueCode = #case

* #client-died "asiakas kuollut"
* #client-died ^designation[0].language = #fi
* #client-died ^designation[0].value = "asiakas kuollut"
* #client-died ^designation[1].language = #sv
* #client-died ^designation[1].value = "klienten har avlidit"
* #client-died ^designation[2].language = #en
* #client-died ^designation[2].value = "the client has died"
* #client-died ^property[0].code = #initiator
* #client-died ^property[0].valueCode = #client
* #client-died ^property[1].code = #usableBy
* #client-died ^property[1].valueCode = #provider
* #client-died ^property[2].code = #usableBy
* #client-died ^property[2].valueCode = #referrer
* #client-died ^property[3].code = #beforeAcceptance
* #client-died ^property[3].valueCode = #cancelled
* #client-died ^property[4].code = #beforeAcceptance
* #client-died ^property[4].valueCode = #rejected
* #client-died ^property[5].code = #afterAcceptance
* #client-died ^property[5].valueCode = #cancelled
* #client-died ^property[6].code = #afterAcceptance
* #client-died ^property[6].valueCode = #failed
* #client-died ^property[7].code = #commentMandatory
* #client-died ^property[7].valueBoolean = false
* #client-died ^property[8].code = #contactAttemptsMandatory
* #client-died ^property[8].valueBoolean = false
* #client-died ^property[9].code = #releasesQuota
* #client-died ^property[9].valueCode = #yes
* #client-died ^property[10].code = #reroute
* #client-died ^property[10].valueCode = #never

* #no-capacity "ei vapaita paikkoja"
* #no-capacity ^designation[0].language = #fi
* #no-capacity ^designation[0].value = "ei vapaita paikkoja"
* #no-capacity ^designation[1].language = #sv
* #no-capacity ^designation[1].value = "inga lediga platser"
* #no-capacity ^designation[2].language = #en
* #no-capacity ^designation[2].value = "no free places"
* #no-capacity ^property[0].code = #initiator
* #no-capacity ^property[0].valueCode = #provider
* #no-capacity ^property[1].code = #usableBy
* #no-capacity ^property[1].valueCode = #provider
* #no-capacity ^property[2].code = #beforeAcceptance
* #no-capacity ^property[2].valueCode = #rejected
* #no-capacity ^property[3].code = #afterAcceptance
* #no-capacity ^property[3].valueCode = #failed
* #no-capacity ^property[4].code = #commentMandatory
* #no-capacity ^property[4].valueBoolean = false
* #no-capacity ^property[5].code = #contactAttemptsMandatory
* #no-capacity ^property[5].valueBoolean = false
* #no-capacity ^property[6].code = #releasesQuota
* #no-capacity ^property[6].valueCode = #yes
* #no-capacity ^property[7].code = #reroute
* #no-capacity ^property[7].valueCode = #automatic

* #no-response-in-time "ei vastausta määräajassa"
* #no-response-in-time ^designation[0].language = #fi
* #no-response-in-time ^designation[0].value = "ei vastausta määräajassa"
* #no-response-in-time ^designation[1].language = #sv
* #no-response-in-time ^designation[1].value = "inget svar inom utsatt tid"
* #no-response-in-time ^designation[2].language = #en
* #no-response-in-time ^designation[2].value = "no response in time"
* #no-response-in-time ^property[0].code = #initiator
* #no-response-in-time ^property[0].valueCode = #platform
* #no-response-in-time ^property[1].code = #usableBy
* #no-response-in-time ^property[1].valueCode = #platform
* #no-response-in-time ^property[2].code = #beforeAcceptance
* #no-response-in-time ^property[2].valueCode = #cancelled
* #no-response-in-time ^property[3].code = #afterAcceptance
* #no-response-in-time ^property[3].valueCode = #failed
* #no-response-in-time ^property[4].code = #commentMandatory
* #no-response-in-time ^property[4].valueBoolean = false
* #no-response-in-time ^property[5].code = #contactAttemptsMandatory
* #no-response-in-time ^property[5].valueBoolean = false
* #no-response-in-time ^property[6].code = #releasesQuota
* #no-response-in-time ^property[6].valueCode = #yes
* #no-response-in-time ^property[7].code = #reroute
* #no-response-in-time ^property[7].valueCode = #automatic

* #permission-withdrawn "lupa peruttu"
* #permission-withdrawn ^designation[0].language = #fi
* #permission-withdrawn ^designation[0].value = "lupa peruttu"
* #permission-withdrawn ^designation[1].language = #sv
* #permission-withdrawn ^designation[1].value = "tillståndet har återkallats"
* #permission-withdrawn ^designation[2].language = #en
* #permission-withdrawn ^designation[2].value = "permission withdrawn"
* #permission-withdrawn ^property[0].code = #initiator
* #permission-withdrawn ^property[0].valueCode = #client
* #permission-withdrawn ^property[1].code = #usableBy
* #permission-withdrawn ^property[1].valueCode = #platform
* #permission-withdrawn ^property[2].code = #beforeAcceptance
* #permission-withdrawn ^property[2].valueCode = #cancelled
* #permission-withdrawn ^property[3].code = #afterAcceptance
* #permission-withdrawn ^property[3].valueCode = #cancelled
* #permission-withdrawn ^property[4].code = #commentMandatory
* #permission-withdrawn ^property[4].valueBoolean = false
* #permission-withdrawn ^property[5].code = #contactAttemptsMandatory
* #permission-withdrawn ^property[5].valueBoolean = false
* #permission-withdrawn ^property[6].code = #releasesQuota
* #permission-withdrawn ^property[6].valueCode = #yes
* #permission-withdrawn ^property[7].code = #reroute
* #permission-withdrawn ^property[7].valueCode = #never

* #no-longer-needed "ei enää tarpeen"
* #no-longer-needed ^designation[0].language = #fi
* #no-longer-needed ^designation[0].value = "ei enää tarpeen"
* #no-longer-needed ^designation[1].language = #sv
* #no-longer-needed ^designation[1].value = "behövs inte längre"
* #no-longer-needed ^designation[2].language = #en
* #no-longer-needed ^designation[2].value = "no longer needed"
* #no-longer-needed ^property[0].code = #initiator
* #no-longer-needed ^property[0].valueCode = #referrer
* #no-longer-needed ^property[1].code = #usableBy
* #no-longer-needed ^property[1].valueCode = #referrer
* #no-longer-needed ^property[2].code = #beforeAcceptance
* #no-longer-needed ^property[2].valueCode = #cancelled
* #no-longer-needed ^property[3].code = #afterAcceptance
* #no-longer-needed ^property[3].valueCode = #cancelled
* #no-longer-needed ^property[4].code = #commentMandatory
* #no-longer-needed ^property[4].valueBoolean = false
* #no-longer-needed ^property[5].code = #contactAttemptsMandatory
* #no-longer-needed ^property[5].valueBoolean = false
* #no-longer-needed ^property[6].code = #releasesQuota
* #no-longer-needed ^property[6].valueCode = #yes
* #no-longer-needed ^property[7].code = #reroute
* #no-longer-needed ^property[7].valueCode = #never

* #raised-in-error "tehty virheellisesti"
* #raised-in-error ^designation[0].language = #fi
* #raised-in-error ^designation[0].value = "tehty virheellisesti"
* #raised-in-error ^designation[1].language = #sv
* #raised-in-error ^designation[1].value = "gjord av misstag"
* #raised-in-error ^designation[2].language = #en
* #raised-in-error ^designation[2].value = "raised in error"
* #raised-in-error ^property[0].code = #initiator
* #raised-in-error ^property[0].valueCode = #referrer
* #raised-in-error ^property[1].code = #usableBy
* #raised-in-error ^property[1].valueCode = #referrer
* #raised-in-error ^property[2].code = #beforeAcceptance
* #raised-in-error ^property[2].valueCode = #cancelled
* #raised-in-error ^property[3].code = #afterAcceptance
* #raised-in-error ^property[3].valueCode = #cancelled
* #raised-in-error ^property[4].code = #commentMandatory
* #raised-in-error ^property[4].valueBoolean = false
* #raised-in-error ^property[5].code = #contactAttemptsMandatory
* #raised-in-error ^property[5].valueBoolean = false
* #raised-in-error ^property[6].code = #releasesQuota
* #raised-in-error ^property[6].valueCode = #yes
* #raised-in-error ^property[7].code = #reroute
* #raised-in-error ^property[7].valueCode = #never

* #waiting-for-client "odottaa asiakasta"
* #waiting-for-client ^designation[0].language = #fi
* #waiting-for-client ^designation[0].value = "odottaa asiakasta"
* #waiting-for-client ^designation[1].language = #sv
* #waiting-for-client ^designation[1].value = "väntar på klienten"
* #waiting-for-client ^designation[2].language = #en
* #waiting-for-client ^designation[2].value = "waiting for the client"
* #waiting-for-client ^property[0].code = #initiator
* #waiting-for-client ^property[0].valueCode = #client
* #waiting-for-client ^property[1].code = #usableBy
* #waiting-for-client ^property[1].valueCode = #provider
* #waiting-for-client ^property[2].code = #afterAcceptance
* #waiting-for-client ^property[2].valueCode = #on-hold
* #waiting-for-client ^property[3].code = #commentMandatory
* #waiting-for-client ^property[3].valueBoolean = false
* #waiting-for-client ^property[4].code = #contactAttemptsMandatory
* #waiting-for-client ^property[4].valueBoolean = false
* #waiting-for-client ^property[5].code = #releasesQuota
* #waiting-for-client ^property[5].valueCode = #no

* #client-away-or-ill "odottaa: asiakas poissa tai sairaana"
* #client-away-or-ill ^designation[0].language = #fi
* #client-away-or-ill ^designation[0].value = "odottaa: asiakas poissa tai sairaana"
* #client-away-or-ill ^designation[1].language = #sv
* #client-away-or-ill ^designation[1].value = "väntar: klienten är borta eller sjuk"
* #client-away-or-ill ^designation[2].language = #en
* #client-away-or-ill ^designation[2].value = "waiting: the client is away or ill"
* #client-away-or-ill ^property[0].code = #initiator
* #client-away-or-ill ^property[0].valueCode = #client
* #client-away-or-ill ^property[1].code = #usableBy
* #client-away-or-ill ^property[1].valueCode = #provider
* #client-away-or-ill ^property[2].code = #afterAcceptance
* #client-away-or-ill ^property[2].valueCode = #on-hold
* #client-away-or-ill ^property[3].code = #commentMandatory
* #client-away-or-ill ^property[3].valueBoolean = false
* #client-away-or-ill ^property[4].code = #contactAttemptsMandatory
* #client-away-or-ill ^property[4].valueBoolean = false
* #client-away-or-ill ^property[5].code = #releasesQuota
* #client-away-or-ill ^property[5].valueCode = #no

* #waiting-for-place "odottaa paikkaa"
* #waiting-for-place ^designation[0].language = #fi
* #waiting-for-place ^designation[0].value = "odottaa paikkaa"
* #waiting-for-place ^designation[1].language = #sv
* #waiting-for-place ^designation[1].value = "väntar på en plats"
* #waiting-for-place ^designation[2].language = #en
* #waiting-for-place ^designation[2].value = "waiting for a place"
* #waiting-for-place ^property[0].code = #initiator
* #waiting-for-place ^property[0].valueCode = #provider
* #waiting-for-place ^property[1].code = #usableBy
* #waiting-for-place ^property[1].valueCode = #provider
* #waiting-for-place ^property[2].code = #afterAcceptance
* #waiting-for-place ^property[2].valueCode = #on-hold
* #waiting-for-place ^property[3].code = #commentMandatory
* #waiting-for-place ^property[3].valueBoolean = false
* #waiting-for-place ^property[4].code = #contactAttemptsMandatory
* #waiting-for-place ^property[4].valueBoolean = false
* #waiting-for-place ^property[5].code = #releasesQuota
* #waiting-for-place ^property[5].valueCode = #no

* #awaiting-information "odottaa lisätietoa"
* #awaiting-information ^designation[0].language = #fi
* #awaiting-information ^designation[0].value = "odottaa lisätietoa"
* #awaiting-information ^designation[1].language = #sv
* #awaiting-information ^designation[1].value = "väntar på mer information"
* #awaiting-information ^designation[2].language = #en
* #awaiting-information ^designation[2].value = "awaiting information"
* #awaiting-information ^property[0].code = #initiator
* #awaiting-information ^property[0].valueCode = #provider
* #awaiting-information ^property[1].code = #usableBy
* #awaiting-information ^property[1].valueCode = #provider
* #awaiting-information ^property[2].code = #afterAcceptance
* #awaiting-information ^property[2].valueCode = #on-hold
* #awaiting-information ^property[3].code = #commentMandatory
* #awaiting-information ^property[3].valueBoolean = false
* #awaiting-information ^property[4].code = #contactAttemptsMandatory
* #awaiting-information ^property[4].valueBoolean = false
* #awaiting-information ^property[5].code = #releasesQuota
* #awaiting-information ^property[5].valueCode = #no

* #provider-paused "odottaa: palvelu on tauolla"
* #provider-paused ^designation[0].language = #fi
* #provider-paused ^designation[0].value = "odottaa: palvelu on tauolla"
* #provider-paused ^designation[1].language = #sv
* #provider-paused ^designation[1].value = "väntar: tjänsten har paus"
* #provider-paused ^designation[2].language = #en
* #provider-paused ^designation[2].value = "waiting: the service is paused"
* #provider-paused ^property[0].code = #initiator
* #provider-paused ^property[0].valueCode = #provider
* #provider-paused ^property[1].code = #usableBy
* #provider-paused ^property[1].valueCode = #provider
* #provider-paused ^property[2].code = #afterAcceptance
* #provider-paused ^property[2].valueCode = #on-hold
* #provider-paused ^property[3].code = #commentMandatory
* #provider-paused ^property[3].valueBoolean = false
* #provider-paused ^property[4].code = #contactAttemptsMandatory
* #provider-paused ^property[4].valueBoolean = false
* #provider-paused ^property[5].code = #releasesQuota
* #provider-paused ^property[5].valueCode = #no

* #withheld "syytä ei luovuteta"
* #withheld ^designation[0].language = #fi
* #withheld ^designation[0].value = "syytä ei luovuteta"
* #withheld ^designation[1].language = #sv
* #withheld ^designation[1].value = "orsaken lämnas inte ut"
* #withheld ^designation[2].language = #en
* #withheld ^designation[2].value = "the reason is withheld"
* #withheld ^property[0].code = #commentMandatory
* #withheld ^property[0].valueBoolean = false
* #withheld ^property[1].code = #contactAttemptsMandatory
* #withheld ^property[1].valueBoolean = false
* #withheld ^property[2].code = #releasesQuota
* #withheld ^property[2].valueCode = #no

* #other "muu syy"
* #other ^designation[0].language = #fi
* #other ^designation[0].value = "muu syy"
* #other ^designation[1].language = #sv
* #other ^designation[1].value = "annan orsak"
* #other ^designation[2].language = #en
* #other ^designation[2].value = "another reason"
* #other ^property[0].code = #usableBy
* #other ^property[0].valueCode = #provider
* #other ^property[1].code = #usableBy
* #other ^property[1].valueCode = #referrer
* #other ^property[2].code = #beforeAcceptance
* #other ^property[2].valueCode = #cancelled
* #other ^property[3].code = #beforeAcceptance
* #other ^property[3].valueCode = #rejected
* #other ^property[4].code = #afterAcceptance
* #other ^property[4].valueCode = #cancelled
* #other ^property[5].code = #afterAcceptance
* #other ^property[5].valueCode = #failed
* #other ^property[6].code = #afterAcceptance
* #other ^property[6].valueCode = #on-hold
* #other ^property[7].code = #commentMandatory
* #other ^property[7].valueBoolean = true
* #other ^property[8].code = #contactAttemptsMandatory
* #other ^property[8].valueBoolean = false
* #other ^property[9].code = #releasesQuota
* #other ^property[9].valueCode = #no
* #other ^property[10].code = #reroute
* #other ^property[10].valueCode = #case

ValueSet: ReferralStatusReasons
Id: referral-status-reason
Title: "Lähetteen tilan syyt"
Description: "All reasons of a Task's status."
* ^experimental = false
* include codes from system ReferralStatusReason
