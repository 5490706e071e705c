"""What is asked about a person: the body that all services take where their rows of referrals are meant."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from referral_contracts.errors import refuse

MOST_REFERRALS = 1000


class _Referrals(BaseModel):
    model_config = ConfigDict(extra="forbid")
    referrals: Annotated[list[UUID], Field(min_length=1, max_length=MOST_REFERRALS)]


def referrals_in(body: bytes) -> list[str]:
    """The referrals that `{"referrals": [...]}` names. Raises `malformed-json` on what is no JSON object,
    else `invalid-value`.
    """
    try:
        asked = _Referrals.model_validate_json(body)
    except ValidationError as refused:
        unreadable = any(one["type"] in {"json_invalid", "model_type"} for one in refused.errors())
        raise refuse("malformed-json" if unreadable else "invalid-value", "referrals") from None
    return sorted({str(one) for one in asked.referrals})
