"""Who may do what with Tasks over FHIR, and what the routes of Tasks need."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from service_runtime.clock import Clock
from service_runtime.web.access import Caller, requires

from outcome_collector.ports import Author, Includes, Recordings, Units
from outcome_collector.use_cases.advance_task import Patience

Reader = Annotated[Caller, Depends(requires("system/Task.r", "ehr", "provider"))]
Searcher = Annotated[Caller, Depends(requires("system/Task.s", "ehr", "provider"))]
Creator = Annotated[Caller, Depends(requires("system/Task.c", "ehr"))]
Updater = Annotated[Caller, Depends(requires("system/Task.u", "ehr", "provider"))]


@dataclass(frozen=True, slots=True)
class TaskApi:
    """What the routes need. `base` is the public FHIR base, without a slash at its end."""

    units: Units
    clock: Clock
    patience: Patience
    base: str
    includes: Includes
    recordings: Recordings


def author(caller: Caller) -> Author:
    """The caller as the one who reads or reports."""
    return Author(caller.client_id, caller.kind)
