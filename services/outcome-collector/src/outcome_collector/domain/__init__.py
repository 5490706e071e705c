"""Tasks: their states, what may become of them, and how they read in FHIR. Pure."""
