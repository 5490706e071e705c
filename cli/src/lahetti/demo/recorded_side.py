"""What the EHR is given to record: procedure codes and the ready phrase, in the answer and on its Task A."""

from collections.abc import Sequence
from typing import Any

import yaml

from lahetti.demo.case_run import CaseRun
from lahetti.demo.world import Referral, World

SAMPLE_SYSTEM = "https://ehr.example.org/sample-procedure-code"
SAMPLE_CODES = {"referral-made": "SAMPLE-1", "client-contacted": "SAMPLE-2", "guidance-given": "SAMPLE-3"}


def sample_procedures(pathways: Sequence[str]) -> dict[str, Any]:
    """The content of a `procedures.yaml` of made-up codes: one for each act of each pathway."""
    codes = [
        {
            "pathway": pathway,
            "act": act,
            "system": SAMPLE_SYSTEM,
            "code": code,
            "names": dict.fromkeys(("fi", "sv", "en"), f"SAMPLE {act}"),
        }
        for pathway in pathways
        for act, code in SAMPLE_CODES.items()
    ]
    return {"notice": "SAMPLE codes of the demo; verify with THL", "codes": codes}


def check_recorded(
    world: World, run: CaseRun, referral: Referral, task_a: dict[str, Any], pathway: str
) -> None:
    """The answer told the code of the referral made and the pathway's phrase in its languages; the EHR's
    completed Task A has the codes of all acts, and the phrase."""
    phrases = _phrases(world, pathway)
    told = [
        (coding["code"], issue["details"]["text"])
        for entry in referral.answer["entry"]
        for issue in entry["response"].get("outcome", {}).get("issue", [])
        for coding in issue["details"]["coding"][1:]
    ]
    run.check(SAMPLE_CODES["referral-made"] in dict(told), "the answer has the code of the referral made")
    for language, phrase in phrases.items():
        run.check(phrase in dict(told).get(language, ""), f"the answer has the phrase ({language})")
    codes, on_task = _on_task(task_a)
    run.check(codes == SAMPLE_CODES, f"Task A has the codes of all acts, not {sorted(codes)}")
    run.check(on_task == phrases, f"Task A has the phrase in {sorted(phrases)}, not in {sorted(on_task)}")
    run.step("codes" + (" and phrase" if phrases else ""))


def _phrases(world: World, pathway: str) -> dict[str, str]:
    """By language, as the county's own files fill them."""
    county = yaml.safe_load(world.county["county.yaml"])["names"]
    known = yaml.safe_load(world.county[f"pathways/{pathway}.yaml"])
    return {
        language: template.format(pathway=known["names"][language], county=county[language])
        for language, template in known.get("phrase", {}).items()
    }


def _on_task(task_a: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    codes: dict[str, str] = {}
    phrases: dict[str, str] = {}
    for output in task_a.get("output", []):
        kind, *which = [coding["code"] for coding in output["type"]["coding"]]
        if kind == "procedure-code":
            [coding] = output["valueCodeableConcept"]["coding"]
            codes |= {which[0]: coding["code"]} if coding["system"] == SAMPLE_SYSTEM else {}
        elif kind == "ready-phrase":
            phrases[which[0]] = output["valueString"]
    return codes, phrases
