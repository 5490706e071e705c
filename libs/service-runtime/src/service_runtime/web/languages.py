"""Which of our three languages a reader wants."""

from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qsl

Language = Literal["fi", "sv", "en"]
_OURS: dict[str, Language] = {"fi": "fi", "sv": "sv", "en": "en"}


@lru_cache(maxsize=256)
def preferred(accept_language: str, default: Language = "en") -> Language:
    """The best of fi, sv and en for an Accept-Language header (RFC 9110, 12.5.4), else `default`."""
    best, best_weight = default, 0.0
    for part in accept_language.split(","):
        name, _, parameters = part.partition(";")
        language = _OURS.get(name.strip().lower().split("-")[0])
        weight = quality(parameters)
        if language and weight > best_weight:
            best, best_weight = language, weight
    return best


def chosen(query: bytes, accept_language: str, default: Language = "en") -> Language:
    """The language that a reader chose by `?lang=`, else the one that the browser asks for."""
    for name, value in parse_qsl(query.decode("latin-1")):
        if name == "lang" and value in _OURS:
            return _OURS[value]
    return preferred(accept_language, default)


def quality(parameters: str) -> float:
    """The weight that `;q=` gives, 1 where there is none, 0 where it is not a number."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
