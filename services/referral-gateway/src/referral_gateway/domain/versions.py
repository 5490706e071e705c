"""What a load must not change: whose installation it is, and what a decision table's version said. What was
routed by version 3 can be looked up for ever."""

from collections.abc import Iterator

from referral_gateway.domain.county import County, CountyProblem


def version_problems(before: County | None, after: County) -> Iterator[CountyProblem]:
    """A problem for each table that is not what it was in the county loaded before, under a version that is
    not newer; and one alone where it is another county: its load would end all agreements of the first."""
    if before is None:
        return
    if before.id != after.id:
        yield CountyProblem(
            "county.yaml",
            "id",
            f"This is the installation of {before.id}.",
            "Load that county's folder; another county has an installation of its own.",
        )
        return
    for name, pathway in after.pathways.items():
        was = before.pathways.get(name)
        if pathway.rules is None or was is None or was.rules is None or pathway.rules == was.rules:
            continue
        if pathway.rules.version <= was.rules.version:
            yield CountyProblem(
                f"rules/{name}.yaml",
                "version",
                f"The rules have changed since version {was.rules.version} was loaded.",
                f"Raise it to {was.rules.version + 1}.",
            )
