"""Reads the EHR clients of a county's folder (clients.yaml)."""

from collections.abc import Iterator
from typing import Any

from service_runtime.tokens.published_keys import public_keys

from referral_gateway.adapters.county_documents import CountyFile
from referral_gateway.domain.client_access import USUAL_SCOPE, ClientAccess
from referral_gateway.domain.county import CountyProblem, EhrClient


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


def ehr_client(content: dict[str, Any]) -> EhrClient:
    """One client, as the schema has accepted it."""
    access = None
    if "jwks_url" in content or "jwks" in content:
        scope = " ".join(content["scopes"]) if "scopes" in content else USUAL_SCOPE
        access = ClientAccess(content.get("jwks_url"), content.get("jwks"), scope)
    return EhrClient(
        content["id"],
        content["name"],
        content["mode"],
        content.get("base"),
        access,
        active=content.get("active", True),
    )
