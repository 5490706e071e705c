"""Reads EHR clients: those of a county's folder (clients.yaml), and those that operators manage."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
from referral_contracts import usual_scopes
from service_runtime.tokens.published_keys import public_keys

from referral_gateway.adapters.county_documents import CountyFile, literal_secrets
from referral_gateway.adapters.county_schemas import schema_problems
from referral_gateway.domain.client_access import ClientAccess
from referral_gateway.domain.county import CountyError, CountyProblem, EhrClient


def client_problems(file: CountyFile) -> Iterator[CountyProblem]:
    """Keys that cannot be used; the schema has accepted `file`."""
    for index, one in enumerate(file.content["clients"]):
        given = one.get("jwks", {"keys": []})
        if len(public_keys(given)) < len(given["keys"]):
            yield file.problem(
                ("clients", index, "jwks"),
                "A key of this set cannot be used.",
                "Give public keys to sign with, each with a kid: RSA of at least 2048 bits, or EC P-384.",
            )


def read_client(content: Mapping[str, Any]) -> EhrClient:
    """The client that `content` describes, in the words of clients.yaml. Raises CountyError."""
    text = orjson.dumps({"clients": [content]}).decode()
    file = CountyFile("client", text, {"clients": [dict(content)]})
    problems = [*literal_secrets(file.name, text), *schema_problems(file, "clients")]
    problems = problems or list(client_problems(file))
    if problems:
        raise CountyError(tuple(_of_one(problem) for problem in problems))
    return ehr_client(content)


def ehr_client(content: Mapping[str, Any]) -> EhrClient:
    """One client, as the schema has accepted it. Its keys are parsed here, once."""
    access = None
    if "jwks_url" in content or "jwks" in content:
        scope = " ".join(content["scopes"]) if "scopes" in content else usual_scopes.EHR
        keys = public_keys(content["jwks"]) if "jwks" in content else {}
        access = ClientAccess(content.get("jwks_url"), keys, scope)
    return EhrClient(
        content["id"],
        content["name"],
        content["mode"],
        content.get("base"),
        access,
        active=content.get("active", True),
    )


def _of_one(problem: CountyProblem) -> CountyProblem:
    """The place as whoever gave one client knows it."""
    return replace(problem, place=problem.place.removeprefix("clients[0]").lstrip("."), line=None)
