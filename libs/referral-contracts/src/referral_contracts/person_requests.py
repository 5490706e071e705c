"""What is asked about a person: the body that all services take where their rows of referrals are meant."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from referral_contracts.errors import refuse

MOST_REFERRALS = 1000


class _Referrals(BaseModel):
    model_config = ConfigDict(extra="forbid")
    referrals: Annotated[list[UUID], Field(min_length=1, max_length=MOST_REFERRALS)]


def referrals_in(body: bytes) -> list[str]:
    """The referrals that `{"referrals": [...]}` names. Raises `malformed-json` on what is no JSON,
    `invalid-value` on anything else.
    """
    try:
        said: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refuse("malformed-json") from None
    try:
        asked = _Referrals.model_validate(said)
    except ValidationError:
        raise refuse("invalid-value", "referrals") from None
    return sorted({str(one) for one in asked.referrals})
