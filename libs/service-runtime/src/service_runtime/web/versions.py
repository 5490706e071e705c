"""Versions in headers: what is served, what the caller has already, and what it wants back."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

from starlette.requests import Request

from service_runtime.web.problems import Problem

Return = Literal["minimal", "representation", "OperationOutcome"]
_RETURNS: Mapping[str, Return] = {
    "minimal": "minimal",
    "representation": "representation",
    "operationoutcome": "OperationOutcome",
}
_WISH = re.compile(r'(?:^|[,;])\s*return\s*=\s*"?(\w+)', re.IGNORECASE)
_TAG = re.compile(r'\s*(?:W/)?"([^"]*)"\s*')


def version_headers(version: int, changed: datetime) -> dict[str, str]:
    """ETag and Last-Modified of a version that came to be at the aware time `changed`."""
    return {"ETag": f'W/"{version}"', "Last-Modified": format_datetime(changed, usegmt=True)}


def has_already(request: Request, version: int) -> bool:
    """Whether the caller says by If-None-Match that it has `version` (RFC 9110, 13.1.2).

    If-Modified-Since is not heeded: its seconds are too coarse for what can change twice within one, and a
    change that was missed would be missed for ever.
    """
    return names(request.headers.get("if-none-match"), version)


def expected_version(request: Request) -> int | None:
    """The version that If-Match says the change was made on; None where the header is missing or empty.

    0, which is never one, where it names none of ours (`*` names no version that was read), or where
    If-None-Match wants that version not to be there. Raises `version-malformed` for what is no entity tag,
    and for a list of them: a change is made on one version (RFC 9110, 13.1.1).
    """
    text = ",".join(request.headers.getlist("if-match")).strip()
    if not text:
        return None
    if text == "*":
        return 0
    tag = _TAG.fullmatch(text)
    if tag is None:
        raise Problem("version-malformed")
    known = tag[1].isascii() and tag[1].isdecimal() and len(tag[1]) < 10
    version = int(tag[1]) if known else 0
    return 0 if names(request.headers.get("if-none-match"), version) else version


def names(tags: str | None, version: int) -> bool:
    """Whether a list of entity tags names `version`, or any version by `*`."""
    if tags is None:
        return False
    if tags.strip() == "*":
        return True
    found = [_TAG.fullmatch(part) for part in tags.split(",")]
    return any(tag is not None and tag[1] == str(version) for tag in found)


def wanted_return(prefer: str, *, otherwise: Return = "representation") -> Return:
    """What a Prefer header wants back of a change (RFC 7240, 4.2): `otherwise` where it says nothing that is
    known."""
    wish = _WISH.search(prefer)
    return _RETURNS.get(wish[1].lower(), otherwise) if wish else otherwise
