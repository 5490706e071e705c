"""Pages from templates: autoescaped, dated in the reader's language, and locked down by their headers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from referral_contracts.error_catalogue import CATALOGUE
from starlette.responses import Response

from outcome_collector.entrypoints.page.texts import LANGUAGES, NAMES, Language, text

HERE = Path(__file__).parent
FINLAND = ZoneInfo("Europe/Helsinki")
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
_SPECIAL = {
    "link-unknown": "gone",
    "link-closed": "gone",
    "not-found": "gone",
    "consent-withdrawn": "withdrawn",
}

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(
    template: str,
    language: Language,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response:
    """The page `template` in `language`."""
    return Response(
        html(template, language, **context),
        status,
        {**PAGE_HEADERS, **(headers or {})},
        media_type="text/html; charset=utf-8",
    )


def html(template: str, language: Language, **context: Any) -> bytes:
    """The bytes of `template`, with `t`, `date` and `moment` bound to `language`."""
    return (
        _templates.get_template(f"{template}.html")
        .render(
            {
                "language": language,
                "languages": [(code, NAMES[code]) for code in LANGUAGES],
                "t": lambda key, **params: text(key, language, **params),
                "date": partial(_date, language),
                "moment": partial(_moment, language),
                "test": False,
                **context,
            }
        )
        .encode()
    )


def refusal(issues: Sequence[Any], language: Language) -> bytes:
    """The page that says why nothing is shown. For `service_runtime.web`'s refusals below /p."""
    slug = issues[0].slug
    key = _SPECIAL.get(slug, "trouble" if CATALOGUE[slug].http_status >= 500 else None)
    if key is None:
        return html("refusal", language, body=words_of(slug, language, issues[0].params))
    return html("message", language, heading=f"{key}_title", body=key)


def words_of(slug: str, language: Language, params: Mapping[str, str]) -> str:
    """The catalogue's text of a refusal."""
    kind = CATALOGUE[slug]
    return {"fi": kind.fi, "sv": kind.sv, "en": kind.en}[language].format(**params)


def _date(language: Language, day: date) -> str:
    return format_date(day, "EEEE d. MMMM" if language == "fi" else "EEEE d MMMM", locale=language)


def _moment(language: Language, at: datetime) -> str:
    return format_datetime(
        at, "d.M. HH.mm" if language == "fi" else "d.M HH:mm", tzinfo=FINLAND, locale=language
    )
