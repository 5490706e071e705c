"""What may come in and go out: JSON (https://hl7.org/fhir/R4/http.html#mime-type), never XML."""

from functools import lru_cache
from urllib.parse import parse_qsl

from service_runtime.web.languages import quality
from service_runtime.web.problems import Problem

FHIR_JSON = "application/fhir+json"
JSON_PATCH = "application/json-patch+json"
FORM = "application/x-www-form-urlencoded"
_JSON_FORMATS = frozenset({"json", "application/json", FHIR_JSON, "text/json"})
_JSON = frozenset({FHIR_JSON, "application/json"})
_ANSWERS = frozenset({*_JSON, "application/jwk-set+json", "application/*", "*/*"})


def check_json_request(method: str, content_type: str, accept: str) -> None:
    """Raise Problem `unsupported-media-type`, `patch-media-type` or `not-acceptable` where a header asks for
    what we do not speak. An empty header asks for nothing.
    """
    if not _accepts_json(accept):
        raise Problem("not-acceptable")
    if not content_type:
        return
    if method == "PATCH":
        if not _is_one_of(content_type, frozenset({JSON_PATCH, FHIR_JSON})):
            raise Problem("patch-media-type")
    elif not _is_one_of(content_type, _JSON):
        raise Problem("unsupported-media-type")


def check_format(query: bytes) -> None:
    """Raise Problem `not-acceptable` where `_format` asks for anything but JSON: it goes before the Accept
    header (https://hl7.org/fhir/R4/http.html#parameters)."""
    for name, value in parse_qsl(query.decode("latin-1")):
        # A plus sign that nobody encoded has become a space.
        if (
            name == "_format"
            and value.partition(";")[0].strip().lower().replace(" ", "+") not in _JSON_FORMATS
        ):
            raise Problem("not-acceptable", "http._format")


def check_search_request(content_type: str, accept: str) -> None:
    """Raise Problem `form-media-type` or `not-acceptable`: a search is posted as a form and answered in JSON
    (https://hl7.org/fhir/R4/http.html#search)."""
    if not _accepts_json(accept):
        raise Problem("not-acceptable")
    check_page_request(content_type)


def is_fhir_json(content_type: str) -> bool:
    """Whether a body is a FHIR resource, such as the Parameters of a FHIRPath Patch."""
    return _is_one_of(content_type, frozenset({FHIR_JSON}))


def check_page_request(content_type: str) -> None:
    """Raise Problem `form-media-type` where anything but a plain form is sent."""
    if content_type and not _is_one_of(content_type, frozenset({FORM})):
        raise Problem("form-media-type")


@lru_cache(maxsize=256)
def _accepts_json(accept: str) -> bool:
    if not accept.strip():
        return True
    for part in accept.split(","):
        name, _, parameters = part.partition(";")
        if name.strip().lower() in _ANSWERS and quality(parameters) > 0 and _is_our_version(parameters):
            return True
    return False


def _is_our_version(parameters: str) -> bool:
    named = (one.strip().lower() for one in parameters.split(";"))
    return all(_is_understood(one) for one in named if one.startswith("fhirversion="))


@lru_cache(maxsize=256)
def _is_one_of(content_type: str, names: frozenset[str]) -> bool:
    name, *parameters = (part.strip().lower() for part in content_type.split(";"))
    return name in names and all(_is_understood(parameter) for parameter in parameters)


def _is_understood(parameter: str) -> bool:
    key, _, value = parameter.partition("=")
    value = value.strip('"')
    if key == "charset":
        return value in {"utf-8", "utf8"}
    return key != "fhirversion" or value in {"4.0", "4.0.1"}
