"""Owns the Tasks: what providers answer, and its way back to the patient record system."""
