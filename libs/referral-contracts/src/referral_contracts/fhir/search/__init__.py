"""Search as R4 has it (https://hl7.org/fhir/R4/search.html): what may be asked, read once for both services,
and the Bundles that answer. Pure; where the resources are is the services' to know."""
