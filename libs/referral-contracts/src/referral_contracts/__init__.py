"""What Lähetti's services say to each other: events, topics, errors and FHIR reading and writing."""
