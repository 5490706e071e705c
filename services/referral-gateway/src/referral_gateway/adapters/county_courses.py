"""What in an agreement's courses cannot be."""

from collections.abc import Iterator

from referral_gateway.adapters.county_documents import CountyFile
from referral_gateway.domain.county import CountyProblem


def course_problems(file: CountyFile) -> Iterator[CountyProblem]:
    """Courses that end before they start, have another number beside their places, or share an id: two of one
    id would count their places together."""
    seen: set[tuple[str, str]] = set()
    for index, party in enumerate(file.content["parties"]):
        course, place = party.get("course"), ("parties", index, "course")
        if course is None:
            continue
        if course["ends"] < course["starts"]:
            yield file.problem(place, "It ends before it starts.", "Mend `starts` or `ends`.")
        if "number" in party:
            yield file.problem(place, "It has a number beside its places.", "Take `number` out.")
        if (party["provider"], course["id"]) in seen:
            yield file.problem((*place, "id"), f"`{course['id']}` stands twice.", "Give each its own.")
        seen.add((party["provider"], course["id"]))
