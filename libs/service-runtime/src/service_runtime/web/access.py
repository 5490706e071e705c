"""Who may call a route: each route depends on exactly one of `requires(...)` and `public_route`."""

from starlette.requests import Request

from service_runtime.caller import KINDS, Act, Caller
from service_runtime.scopes import is_permission
from service_runtime.tokens.bars import Bars
from service_runtime.tokens.outside_issuer import OutsideIssuer
from service_runtime.tokens.verifier import TokenVerifier
from service_runtime.web.client_limits import ClientLimits
from service_runtime.web.problems import Problem

__all__ = ["Act", "Caller", "Requires", "public_route", "requires"]

_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_REVOKED = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class Requires:
    """What `requires` makes: the caller, if its token grants `scope` and it is of one of `kinds`."""

    def __init__(self, scope: str, kinds: frozenset[str]) -> None:
        self.scope = scope
        self.kinds = kinds

    async def __call__(self, request: Request) -> Caller:
        caller = await _verified(request, bearer_token(request))
        request.scope["caller"] = caller
        if self.kinds and caller.kind not in self.kinds:
            raise Problem("caller-not-allowed")
        if not caller.may(self.scope):
            raise Problem("scope-missing", scope=self.scope)
        bars: Bars | None = request.app.state.bars
        if bars is not None and await bars.refuse(caller):
            raise Problem("token-revoked", headers=_REVOKED)
        limits: ClientLimits | None = request.app.state.limits
        if limits is not None:
            await limits.count(caller)
        return caller


async def _verified(request: Request, token: str) -> Caller:
    outside: OutsideIssuer | None = request.app.state.outside
    if outside is not None and outside.issued(token):
        return await outside.verify(token)
    own: TokenVerifier = request.app.state.tokens
    return own.verify(token)


def requires(scope: str, *kinds: str) -> Requires:
    """A dependency for `Depends`: the route needs the one permission `scope`, and one of `kinds` where given.

    Answers 401 without a valid token or where it is barred, 403 without the permission, 429 past the
    client's limit. Raises ValueError, when the route is declared, on a scope that is not one permission or on
    an unknown kind.
    """
    if not is_permission(scope) or not KINDS.issuperset(kinds):
        raise ValueError(f"not a permission of one letter, or not a kind of caller: {scope} {kinds}")
    return Requires(scope, frozenset(kinds))


async def public_route() -> None:
    """A dependency for `Depends` that marks a route which needs no token."""


def bearer_token(request: Request) -> str:
    """The token of the Authorization header. Raises Problem `token-missing` where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem("token-missing", headers=_CHALLENGE)
    return token.strip()
