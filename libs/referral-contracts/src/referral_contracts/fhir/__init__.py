"""Reading FHIR R4 resources as plain dictionaries: structure, permission, people, requests, references,
identity."""
