"""Pages from templates: autoescaped, dated in the reader's language, and locked down by their headers."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime, format_time
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from referral_contracts.error_catalogue import CATALOGUE
from service_runtime.web.refusals import Pages
from starlette.responses import Response

from outcome_collector.entrypoints.page.texts import LANGUAGES, NAMES, Language, text
from outcome_collector.entrypoints.page.view import FINLAND

HERE = Path(__file__).parent
STYLE = (HERE / "static" / "page.css").read_bytes()
STYLE_NAME = f"{hashlib.sha256(STYLE).hexdigest()[:12]}.css"
"""Named by its content: browsers may keep it for good, and see a new one at once."""
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
_MESSAGES = {"link-unknown": "gone", "link-closed": "gone", "not-found": "gone", "pin-missing": "no_pin"}
_DAY: dict[Language, str] = {"fi": "EEEE d. MMMM", "sv": "EEEE 'den' d MMMM", "en": "EEEE d MMMM"}
_MOMENT: dict[Language, str] = {"fi": "d.M. 'kello' H.mm", "sv": "d.M. 'klockan' H.mm", "en": "d MMMM, H:mm"}
_TIME: dict[Language, str] = {"fi": "H.mm", "sv": "H.mm", "en": "H:mm"}


def _callable_number(phone: str) -> str:
    """What a telephone dials: digits, and the plus of a country."""
    return "".join(sign for sign in phone if sign.isascii() and (sign.isdigit() or sign == "+"))


_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["dialled"] = _callable_number


def page(template: str, language: Language, *, status: int = 200, **context: Any) -> Response:
    """The page `template` in `language`."""
    content = html(template, language, **context)
    return Response(content, status, PAGE_HEADERS, media_type="text/html; charset=utf-8")


def html(template: str, language: Language, **context: Any) -> bytes:
    """The bytes of `template`, with `t`, `day`, `moment` and `time` bound to `language`.

    `here` is the address that shows the same in another language; it stays empty where nothing but the
    address of the request is known."""
    return (
        _templates.get_template(f"{template}.html")
        .render(
            {
                "language": language,
                "languages": [(code, NAMES[code]) for code in LANGUAGES],
                "t": lambda key, **params: text(key, language, **params),
                "day": partial(_day, language),
                "moment": partial(_moment, language),
                "time": partial(_time, language),
                "style": STYLE_NAME,
                "here": "",
                "title": "title",
                "error": None,
                "test": False,
                **context,
            }
        )
        .encode()
    )


def refusal(issues: Sequence[Any], language: Language) -> bytes:
    """The page that says why nothing is shown. For `service_runtime.web`'s refusals below /p."""
    slug = issues[0].slug
    kind = CATALOGUE[slug]
    if kind.http_status >= 500:
        return html("message", language, title="trouble_title", body="trouble", again=True, more=None)
    if slug in _MESSAGES:
        key = _MESSAGES[slug]
        return html("message", language, title=f"{key}_title", body=key, again=False, more=None)
    words = {"fi": kind.fi, "sv": kind.sv, "en": kind.en}[language].format(**issues[0].params)
    return html("message", language, title="refused_title", body="refused", again=False, more=words)


def style(name: str) -> Response:
    """The style sheet of all pages. A page of the version before or after asks for another `name`: it gets
    this one, not to be kept."""
    keep = "public, max-age=31536000, immutable" if name == STYLE_NAME else "no-store"
    return Response(STYLE, 200, {"Cache-Control": keep}, media_type="text/css; charset=utf-8")


PAGES = Pages(("/p/",), refusal, except_paths=frozenset({"/p/links"}), headers=PAGE_HEADERS)
"""What the edge must know of these pages; links are asked for by machines."""


def _day(language: Language, at: date) -> str:
    return format_date(at, _DAY[language], locale=language)


def _moment(language: Language, at: datetime) -> str:
    return format_datetime(at, _MOMENT[language], tzinfo=FINLAND, locale=language)


def _time(language: Language, at: datetime) -> str:
    return format_time(at, _TIME[language], tzinfo=FINLAND, locale=language)
