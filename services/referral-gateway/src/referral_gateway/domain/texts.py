"""A text in the three languages that people are served in (D32)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texts:
    """Finnish, Swedish, English."""

    fi: str
    sv: str
    en: str
