"""Small counties for tests, in the words of the field."""

from collections.abc import Iterable, Mapping
from datetime import date

from referral_gateway.domain.agreements import Agreement, Number, Party
from referral_gateway.domain.county import County, EhrClient, Endpoint, Provider, Service
from referral_gateway.domain.pathways import Clocks, Pathway, Reason
from referral_gateway.domain.texts import Texts


def texts(text: str) -> Texts:
    """The same text in all languages."""
    return Texts(text, text, text)


def exercise_pathway() -> Pathway:
    """A pathway with two reasons, one of which needs a text."""
    reasons = [Reason("overweight", texts("x")), Reason("other", texts("x"), needs_text=True)]
    clocks = Clocks(accept=5, contact=10, remind=3)
    return Pathway("exercise", texts("x"), {one.code: one for one in reasons}, clocks, Clocks(1, 3, 1))


def provider(name: str, *, kind: str = "municipality", active: bool = True, able: bool = False) -> Provider:
    """A provider whose id is `name`; its service is `<name>-service`."""
    return Provider(name, name, kind, active, able)


def party(provider_id: str, *municipalities: str, number: Number | None = None) -> Party:
    """A provider's part; without municipalities it serves the whole county."""
    return Party(
        provider_id, f"{provider_id}-service", frozenset(municipalities) if municipalities else None, number
    )


def agreement(
    name: str,
    parties: Iterable[Party],
    *,
    number: Number | None = None,
    priority: int = 100,
    valid_from: date = date(2020, 1, 1),
    valid_until: date | None = None,
) -> Agreement:
    """An agreement on exercise referrals."""
    return Agreement(name, "exercise", tuple(parties), valid_from, valid_until, number, priority)


def county(
    providers: Iterable[Provider],
    agreements: Iterable[Agreement],
    *,
    endpoints: Mapping[str, Endpoint] | None = None,
    inactive_services: Iterable[str] = (),
) -> County:
    """A county of the municipalities 285 and 286. Without `endpoints` each provider has one of each kind."""
    known = {one.id: one for one in providers}
    asleep = set(inactive_services)
    services = [
        Service(f"{name}-service", name, frozenset({"exercise"}), f"{name}-service" not in asleep)
        for name in known
    ]
    addresses = [
        Endpoint(f"{name}-{kind}", name, test=kind == "test") for name in known for kind in ("hook", "test")
    ]
    return County(
        id="testland",
        names=texts("Testland"),
        municipalities={"285": texts("Kotka"), "286": texts("Kouvola")},
        providers=known,
        services={one.id: one for one in services},
        endpoints=endpoints if endpoints is not None else {one.id: one for one in addresses},
        pathways={"exercise": exercise_pathway()},
        agreements={one.id: one for one in agreements},
        clients={"ehr": EhrClient("ehr", "EHR", "poll")},
        directory=(),
        digest="",
    )
