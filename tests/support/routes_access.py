"""Good requests to the routes about clients, the audit and persons, as data: path, caller and body."""

from collections.abc import Callable, Mapping
from typing import Any

from support.routes_world import OTHER_PROVIDER, Referred, World

Said = tuple[str, dict[str, str], Any]
CLIENT = {"id": "ehr-new", "name": "Uusi", "mode": "poll"}


def _audit(world: World, referred: Referred) -> Said:
    return "/collector/audit", world.as_service(), {"entities": [[f"Patient/{referred.id}"]]}


def _of_person(path: str) -> Callable[[World, Referred], Said]:
    return lambda world, referred: (path, world.as_staff(), {"referrals": [referred.id]})


ACCESS: Mapping[str, Callable[[World, Referred], Said]] = {
    "POST /gateway/clients": lambda world, _: ("/gateway/clients", world.as_staff(), {"client": CLIENT}),
    "POST /gateway/clients/{client}": lambda world, _: (
        f"/gateway/clients/{OTHER_PROVIDER}",
        world.as_staff(),
        {"change": "revoke", "kind": "provider"},
    ),
    "POST /collector/audit": _audit,
    "POST /gateway/person": lambda world, referred: (
        "/gateway/person",
        world.as_staff(),
        {"referral": referred.id},
    ),
    "POST /gateway/person/export": _of_person("/gateway/person/export"),
    "POST /gateway/person/erase": _of_person("/gateway/person/erase"),
    "POST /collector/person/export": _of_person("/collector/person/export"),
    "POST /collector/person/erase": _of_person("/collector/person/erase"),
    "POST /notifier/person/erase": _of_person("/notifier/person/erase"),
}
"""By route."""
