"""Conditions on what is there already: If-None-Exist, `ifNoneExist`, and a conditional update's query."""

from referral_contracts.fhir.search.definitions import SERVICE_REQUEST
from referral_contracts.fhir.search.query import Token
from referral_contracts.fhir.search.reading import invalid, read_query
from service_runtime.caller import Caller
from service_runtime.database.engine import Database
from service_runtime.web.search_parameters import pairs

from referral_gateway.ports import Ledger


class Existing:
    """Looks for what is there already."""

    def __init__(self, ledger: Ledger, database: Database) -> None:
        self._ledger = ledger
        self._database = database

    async def __call__(self, caller: Caller, condition: str | None) -> str | None:
        """The id of the caller's referral that `condition` names, None where there is no condition or no
        such referral. Raises as `identifier_in` does."""
        if condition is None:
            return None
        token = identifier_in(condition)
        system, value = token.system or "", token.code or ""
        async with self._database.read() as session:
            known = await self._ledger.identified(session, caller.client_id, system, value)
        return known.id if known else None


def identifier_in(condition: str) -> Token:
    """The identifier that a condition names. Only an identifier with its system can be asked for: nothing
    else says that a referral is the same. Raises `invalid-parameter` or `unknown-parameter`."""
    query = read_query(SERVICE_REQUEST, pairs(condition.encode("latin-1", "replace")), strict=True)
    if len(query.conditions) == 1 and query.conditions[0].parameter.name == "identifier":
        values = query.conditions[0].values
        if len(values) == 1 and isinstance(token := values[0], Token) and token.system and token.code:
            return token
    raise invalid("identifier")
