CodeSystem: Pathway
Id: pathway
Title: "Palveluketju"
Description: "The kind of a referral, with its own reasons, needs and clocks. A county offers those that its data describe."
* ^language = #fi
* ^caseSensitive = true
* ^experimental = false
* ^content = #complete

* #exercise "Liikuntalähete"
* #exercise ^designation[0].language = #fi
* #exercise ^designation[0].value = "Liikuntalähete"
* #exercise ^designation[1].language = #sv
* #exercise ^designation[1].value = "Motionsremiss"
* #exercise ^designation[2].language = #en
* #exercise ^designation[2].value = "Exercise referral"

* #wellbeing "Hyvinvointilähete"
* #wellbeing ^designation[0].language = #fi
* #wellbeing ^designation[0].value = "Hyvinvointilähete"
* #wellbeing ^designation[1].language = #sv
* #wellbeing ^designation[1].value = "Välfärdsremiss"
* #wellbeing ^designation[2].language = #en
* #wellbeing ^designation[2].value = "Wellbeing referral"

* #lifestyle "Elintapaohjaus"
* #lifestyle ^designation[0].language = #fi
* #lifestyle ^designation[0].value = "Elintapaohjaus"
* #lifestyle ^designation[1].language = #sv
* #lifestyle ^designation[1].value = "Levnadsvanehandledning"
* #lifestyle ^designation[2].language = #en
* #lifestyle ^designation[2].value = "Lifestyle guidance"

* #rehabilitation "Kuntoutukseen ohjaaminen"
* #rehabilitation ^designation[0].language = #fi
* #rehabilitation ^designation[0].value = "Kuntoutukseen ohjaaminen"
* #rehabilitation ^designation[1].language = #sv
* #rehabilitation ^designation[1].value = "Hänvisning till rehabilitering"
* #rehabilitation ^designation[2].language = #en
* #rehabilitation ^designation[2].value = "Rehabilitation guidance"

ValueSet: Pathways
Id: pathway
Title: "Palveluketjut"
Description: "Every pathway."
* ^experimental = false
* include codes from system Pathway
