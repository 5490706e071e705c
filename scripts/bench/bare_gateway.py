"""The gateway without tokens, validation and the county's rules: what `accept` is compared with.

Only here: the product has no such switch, and this takes the parts out from outside.
"""

from typing import Any

from referral_gateway.bootstrap import NAME, build, pending_migrations
from referral_gateway.domain import submission
from referral_gateway.domain.deciding import Ruling
from referral_gateway.domain.rules import NOBODY_TOLD
from referral_gateway.settings import Settings
from referral_gateway.use_cases import accept_referral
from service_runtime.caller import Caller
from service_runtime.processes import run_roles
from service_runtime.scopes import permissions
from service_runtime.web.access import Requires
from starlette.requests import Request
from system import EHR

_CALLER = Caller(EHR, "ehr", permissions("system/Bundle.c"), None, "bare")
_NO_RULING = Ruling(NOBODY_TOLD, None, None)


async def _anybody(_: Requires, request: Request) -> Caller:
    request.scope["caller"] = _CALLER
    return _CALLER


def _sound(*_: Any, **__: Any) -> list[Any]:
    return []


def _unruled(*_: Any) -> Ruling:
    return _NO_RULING


if __name__ == "__main__":
    Requires.__call__ = _anybody
    submission.validate = _sound
    accept_referral.rule_on = _unruled
    run_roles(NAME, Settings, build, pending_migrations)
