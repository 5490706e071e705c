"""What sort of interaction a route is: what it takes and answers follows from that."""

from enum import Enum, auto


class Kind(Enum):
    """FHIR's interactions by their shape (https://hl7.org/fhir/R4/http.html), and ours beside them."""

    TRANSACTION = auto()
    CREATE = auto()
    READ = auto()
    HISTORY = auto()
    SEARCH = auto()
    UPDATE = auto()
    PATCH = auto()
    DELETE = auto()
    OPERATION = auto()
    PUBLISHED = auto()
    OAUTH = auto()
    PAGE = auto()
    PROBE = auto()
    OWN = auto()


OAUTH = frozenset({"/oauth/token", "/oauth/revoke"})
PROBES = frozenset({"/livez", "/readyz", "/metrics"})
_MADE_BY_MACHINES = "/p/links"
_BASES = frozenset({"/fhir", "/fhir/"})
_TOLD_TO_ALL = frozenset(
    {"/fhir/metadata", "/fhir/.well-known/smart-configuration", "/.well-known/jwks.json"}
)


def kind_of(method: str, path: str) -> Kind:
    """The kind of the route with this method and this template."""
    if path in PROBES:
        return Kind.PROBE
    if path in OAUTH:
        return Kind.OAUTH
    if path in _TOLD_TO_ALL:
        return Kind.PUBLISHED
    if path.startswith("/p/") and path != _MADE_BY_MACHINES:
        return Kind.PAGE
    return _of_fhir(method, path) if path.startswith("/fhir") else Kind.OWN


def _of_fhir(method: str, path: str) -> Kind:
    last = path.rpartition("/")[2]
    if path in _BASES:
        return Kind.TRANSACTION
    if "$" in path:
        return Kind.OPERATION
    if last == "_search":
        return Kind.SEARCH
    if method == "GET":
        return Kind.HISTORY if last == "_history" else Kind.READ if last.startswith("{") else Kind.SEARCH
    written = {"POST": Kind.CREATE, "PUT": Kind.UPDATE, "PATCH": Kind.PATCH, "DELETE": Kind.DELETE}
    return written[method]
