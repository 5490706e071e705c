// Each word here is also in referral_contracts/progress.py; a test keeps the two equal.

CodeSystem: ReferralProgress
Id: referral-progress
Title: "Lähetteen eteneminen"
Description: "What happens to a referral between two statuses of its Task."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* ^content = #complete
* ^property[0].code = #usableBy
* ^property[0].type = #code
* ^property[0].description = "Who may set it: provider or platform."

* #delivered "ilmoitus perillä"
* #delivered ^designation[0].language = #fi
* #delivered ^designation[0].value = "ilmoitus perillä"
* #delivered ^designation[1].language = #sv
* #delivered ^designation[1].value = "meddelandet har kommit fram"
* #delivered ^designation[2].language = #en
* #delivered ^designation[2].value = "notification delivered"
* #delivered ^property[0].code = #usableBy
* #delivered ^property[0].valueCode = #platform

* #opened "avattu"
* #opened ^designation[0].language = #fi
* #opened ^designation[0].value = "avattu"
* #opened ^designation[1].language = #sv
* #opened ^designation[1].value = "öppnad"
* #opened ^designation[2].language = #en
* #opened ^designation[2].value = "opened"
* #opened ^property[0].code = #usableBy
* #opened ^property[0].valueCode = #platform
* #opened ^property[1].code = #usableBy
* #opened ^property[1].valueCode = #provider

* #contact-attempted "yhteyttä yritetty"
* #contact-attempted ^designation[0].language = #fi
* #contact-attempted ^designation[0].value = "yhteyttä yritetty"
* #contact-attempted ^designation[1].language = #sv
* #contact-attempted ^designation[1].value = "kontaktförsök gjort"
* #contact-attempted ^designation[2].language = #en
* #contact-attempted ^designation[2].value = "contact attempted"
* #contact-attempted ^property[0].code = #usableBy
* #contact-attempted ^property[0].valueCode = #provider

* #contacted "asiakas tavoitettu"
* #contacted ^designation[0].language = #fi
* #contacted ^designation[0].value = "asiakas tavoitettu"
* #contacted ^designation[1].language = #sv
* #contacted ^designation[1].value = "klienten har nåtts"
* #contacted ^designation[2].language = #en
* #contacted ^designation[2].value = "client contacted"
* #contacted ^property[0].code = #usableBy
* #contacted ^property[0].valueCode = #provider

* #scheduled "aika sovittu"
* #scheduled ^designation[0].language = #fi
* #scheduled ^designation[0].value = "aika sovittu"
* #scheduled ^designation[1].language = #sv
* #scheduled ^designation[1].value = "tid bokad"
* #scheduled ^designation[2].language = #en
* #scheduled ^designation[2].value = "appointment scheduled"
* #scheduled ^property[0].code = #usableBy
* #scheduled ^property[0].valueCode = #provider

* #no-show "asiakas ei saapunut"
* #no-show ^designation[0].language = #fi
* #no-show ^designation[0].value = "asiakas ei saapunut"
* #no-show ^designation[1].language = #sv
* #no-show ^designation[1].value = "klienten uteblev"
* #no-show ^designation[2].language = #en
* #no-show ^designation[2].value = "client did not come"
* #no-show ^property[0].code = #usableBy
* #no-show ^property[0].valueCode = #provider

* #appointment-cancelled "aika peruttu"
* #appointment-cancelled ^designation[0].language = #fi
* #appointment-cancelled ^designation[0].value = "aika peruttu"
* #appointment-cancelled ^designation[1].language = #sv
* #appointment-cancelled ^designation[1].value = "tiden avbokad"
* #appointment-cancelled ^designation[2].language = #en
* #appointment-cancelled ^designation[2].value = "appointment cancelled"
* #appointment-cancelled ^property[0].code = #usableBy
* #appointment-cancelled ^property[0].valueCode = #provider

* #started "aloitettu"
* #started ^designation[0].language = #fi
* #started ^designation[0].value = "aloitettu"
* #started ^designation[1].language = #sv
* #started ^designation[1].value = "påbörjad"
* #started ^designation[2].language = #en
* #started ^designation[2].value = "started"
* #started ^property[0].code = #usableBy
* #started ^property[0].valueCode = #provider

* #waitlisted "jonossa"
* #waitlisted ^designation[0].language = #fi
* #waitlisted ^designation[0].value = "jonossa"
* #waitlisted ^designation[1].language = #sv
* #waitlisted ^designation[1].value = "i kö"
* #waitlisted ^designation[2].language = #en
* #waitlisted ^designation[2].value = "on a waiting list"
* #waitlisted ^property[0].code = #usableBy
* #waitlisted ^property[0].valueCode = #platform
* #waitlisted ^property[1].code = #usableBy
* #waitlisted ^property[1].valueCode = #provider

* #awaiting-information "odottaa lisätietoa"
* #awaiting-information ^designation[0].language = #fi
* #awaiting-information ^designation[0].value = "odottaa lisätietoa"
* #awaiting-information ^designation[1].language = #sv
* #awaiting-information ^designation[1].value = "väntar på mer information"
* #awaiting-information ^designation[2].language = #en
* #awaiting-information ^designation[2].value = "awaiting information"
* #awaiting-information ^property[0].code = #usableBy
* #awaiting-information ^property[0].valueCode = #provider

* #cancellation-requested "peruutusta pyydetty"
* #cancellation-requested ^designation[0].language = #fi
* #cancellation-requested ^designation[0].value = "peruutusta pyydetty"
* #cancellation-requested ^designation[1].language = #sv
* #cancellation-requested ^designation[1].value = "avbokning begärd"
* #cancellation-requested ^designation[2].language = #en
* #cancellation-requested ^designation[2].value = "cancellation requested"
* #cancellation-requested ^property[0].code = #usableBy
* #cancellation-requested ^property[0].valueCode = #platform

* #rerouted "ohjattu toiselle palveluntuottajalle"
* #rerouted ^designation[0].language = #fi
* #rerouted ^designation[0].value = "ohjattu toiselle palveluntuottajalle"
* #rerouted ^designation[1].language = #sv
* #rerouted ^designation[1].value = "hänvisad till en annan producent"
* #rerouted ^designation[2].language = #en
* #rerouted ^designation[2].value = "sent on to another provider"
* #rerouted ^property[0].code = #usableBy
* #rerouted ^property[0].valueCode = #platform

* #notification-delayed "ilmoitus viivästynyt"
* #notification-delayed ^designation[0].language = #fi
* #notification-delayed ^designation[0].value = "ilmoitus viivästynyt"
* #notification-delayed ^designation[1].language = #sv
* #notification-delayed ^designation[1].value = "meddelandet är försenat"
* #notification-delayed ^designation[2].language = #en
* #notification-delayed ^designation[2].value = "notification delayed"
* #notification-delayed ^property[0].code = #usableBy
* #notification-delayed ^property[0].valueCode = #platform

* #needs-attention "vaatii huomiota"
* #needs-attention ^designation[0].language = #fi
* #needs-attention ^designation[0].value = "vaatii huomiota"
* #needs-attention ^designation[1].language = #sv
* #needs-attention ^designation[1].value = "kräver uppmärksamhet"
* #needs-attention ^designation[2].language = #en
* #needs-attention ^designation[2].value = "needs attention"
* #needs-attention ^property[0].code = #usableBy
* #needs-attention ^property[0].valueCode = #platform

ValueSet: ReferralProgressCodes
Id: referral-progress
Title: "Lähetteen etenemisen vaiheet"
Description: "What Task.businessStatus may say."
* ^experimental = false
* include codes from system ReferralProgress
