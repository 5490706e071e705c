"""The one catalogue of the page's texts, in Finnish, Swedish and English (D32)."""

from typing import Literal, get_args

from outcome_collector.entrypoints.page.texts_door import DOOR
from outcome_collector.entrypoints.page.texts_forms import FORMS
from outcome_collector.entrypoints.page.texts_referral import REFERRAL

Language = Literal["fi", "sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
NAMES: dict[Language, str] = {"fi": "Suomi", "sv": "Svenska", "en": "English"}

_TEXTS = DOOR | REFERRAL | FORMS


def text(key: str, language: Language, **params: str) -> str:
    """The text `key` in `language`, filled with `params`. Raises KeyError on an unknown key."""
    return _TEXTS[key][LANGUAGES.index(language)].format(**params)


def keys() -> frozenset[str]:
    """All keys, for the tests of the catalogue."""
    return frozenset(_TEXTS)
