"""What Task A tells to record of a referral: procedure codes of the acts that were done, and the ready phrase
(D5, D6)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from referral_contracts.systems import LANGUAGES, OUTPUT_TYPE, PROGRESS, RECORDED_ACT

from outcome_collector.domain.task_documents import Document, code_in

REFERRAL_MADE, CLIENT_CONTACTED, GUIDANCE_GIVEN = "referral-made", "client-contacted", "guidance-given"
_UNDER_WAY = frozenset({"in-progress", "completed"})
_CONTACT = frozenset({"contacted", "scheduled", "no-show", "appointment-cancelled", "started"})


@dataclass(frozen=True, slots=True)
class Recording:
    """Codings by act, and the phrase by language, of one referral's pathway, as the gateway tells them."""

    procedures: tuple[tuple[str, Mapping[str, str]], ...] = ()
    phrase: tuple[tuple[str, str], ...] = ()


NOTHING = Recording()


def acts_of(document: Mapping[str, Any], *, permitted: bool) -> frozenset[str]:
    """What was done so far, as a version of Task A shows it. The referral is the referrer's own act; that
    the client was contacted or guided is told only where the permission lets more than the status go back."""
    acts = {REFERRAL_MADE}
    if permitted:
        status, progress = document["status"], code_in(document.get("businessStatus"), PROGRESS)
        acts |= {CLIENT_CONTACTED} if status in _UNDER_WAY or progress in _CONTACT else set()
        acts |= {GUIDANCE_GIVEN} if status == "completed" else set()
    return frozenset(acts)


def with_recording(document: Document, recording: Recording, *, permitted: bool) -> Document:
    """A version of Task A as it is served or written back, with what is to be recorded among its output."""
    told = list(_outputs(recording, acts_of(document, permitted=permitted)))
    return {**document, "output": [*document.get("output", ()), *told]} if told else document


def _outputs(recording: Recording, acts: frozenset[str]) -> Iterator[Document]:
    """Each with two codings of its type: what it is, and for which act or in which language."""
    for act, coding in recording.procedures:
        if act in acts:
            kind = _type("procedure-code", "toimenpidekoodi", RECORDED_ACT, act)
            yield {"type": kind, "valueCodeableConcept": {"coding": [dict(coding)]}}
    for language, text in recording.phrase:
        yield {"type": _type("ready-phrase", "valmis fraasi", LANGUAGES, language), "valueString": text}


def _type(code: str, display: str, system: str, which: str) -> Document:
    own = {"system": OUTPUT_TYPE, "code": code, "display": display}
    return {"coding": [own, {"system": system, "code": which}]}
