"""Agreements as their files say them, and what of their numbers cannot be."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from referral_gateway.adapters.county_documents import CountyFile
from referral_gateway.adapters.county_rules import may_refer
from referral_gateway.domain.agreements import ANY_LENGTH, WARN_AT, Agreement, Course, Number, Party
from referral_gateway.domain.county import CountyProblem
from referral_gateway.domain.texts import Texts


def number_problems(file: CountyFile) -> Iterator[CountyProblem]:
    """Lines in which nobody could ever get a place, and a time for those who wait where nobody may."""
    parties = enumerate(file.content["parties"])
    numbers = [(("number",), file.content), *((("parties", index, "number"), one) for index, one in parties)]
    for place, holder in numbers:
        number = holder.get("number", {})
        if "waitlist" in number and number["most"] == 0:
            yield file.problem(
                (*place, "waitlist"), "Nobody would ever get a place.", "Raise `most`, or take it out."
            )
        if "waiting_days" in number and "waitlist" not in number:
            yield file.problem(
                (*place, "waiting_days"), "Nobody waits for this number.", "Add a `waitlist`, or take it out."
            )


def agreement(content: dict[str, Any]) -> Agreement:
    """The agreement that a file says, which its schema accepts."""
    until = content["valid"].get("until")
    return Agreement(
        id=content["id"],
        pathway=content["pathway"],
        parties=tuple(_party(one) for one in content["parties"]),
        valid_from=date.fromisoformat(content["valid"]["from"]),
        valid_until=date.fromisoformat(until) if until else None,
        number=_number(content),
        priority=content.get("priority", 100),
        warn_at=content.get("warn_at", WARN_AT),
    )


def _party(content: dict[str, Any]) -> Party:
    served = content["municipalities"]
    return Party(
        content["provider"],
        content["service"],
        None if served == "all" else frozenset(served),
        _number(content),
        _course(content.get("course")),
        tuple(may_refer(one) for one in content["referrers"]) if "referrers" in content else None,
    )


def _course(content: dict[str, Any] | None) -> Course | None:
    if content is None:
        return None
    starts, ends = date.fromisoformat(content["starts"]), date.fromisoformat(content["ends"])
    return Course(content["id"], starts, ends, Texts(**content["where"]), content["places"])


def _number(content: dict[str, Any]) -> Number | None:
    number = content.get("number")
    if not number:
        return None
    waitlist = number.get("waitlist", 0)
    return Number(
        number["most"],
        number["period"],
        ANY_LENGTH if waitlist is True else waitlist,
        number.get("waiting_days"),
    )
