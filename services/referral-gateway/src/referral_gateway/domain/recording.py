"""What the referrer's record system may record of a referral: procedure codes by act, and a ready phrase (D5,
D6). A county's data; nothing of a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from referral_contracts.errors import Issue
from referral_contracts.systems import LANGUAGES

from referral_gateway.domain.texts import Texts

Act = Literal["referral-made", "client-contacted", "guidance-given"]


@dataclass(frozen=True, slots=True)
class Procedure:
    """The code that stands for an act of a pathway, in a code system of the record systems."""

    act: Act
    system: str
    code: str
    names: Texts

    @property
    def coding(self) -> dict[str, str]:
        """As it is recorded; its display is Finnish."""
        return {"system": self.system, "code": self.code, "display": self.names.fi}


@dataclass(frozen=True, slots=True)
class Phrase:
    """The ready phrase of a pathway, filled in."""

    fi: str
    sv: str


@dataclass(frozen=True, slots=True)
class Recording:
    """All of one pathway's; empty where the county has given nothing."""

    procedures: tuple[Procedure, ...] = ()
    phrase: Phrase | None = None

    def __bool__(self) -> bool:
        return bool(self.procedures) or self.phrase is not None

    def of(self, act: Act) -> Sequence[Procedure]:
        """The codes of that act."""
        return [one for one in self.procedures if one.act == act]


NOTHING = Recording()


def filled(template: str, pathway: str, county: str) -> str:
    """A phrase with the names that it may hold: `{pathway}` and `{county}`, in the phrase's language."""
    return template.replace("{pathway}", pathway).replace("{county}", county)


def recorded(recording: Recording) -> list[tuple[Issue, dict[str, str]]]:
    """What the referrer is told at once, for information, each with the coding that a machine reads: the
    codes of the referral that was made, and the phrase in each of its languages."""
    told = [
        (
            Issue(
                "procedure-code",
                (),
                {"code": one.code, "name_fi": one.names.fi, "name_sv": one.names.sv, "name_en": one.names.en},
            ),
            one.coding,
        )
        for one in recording.of("referral-made")
    ]
    phrase = recording.phrase
    for language, text in (("fi", phrase.fi), ("sv", phrase.sv)) if phrase is not None else ():
        issue = Issue("ready-phrase", (), {"language": language, "phrase": text})
        told.append((issue, {"system": LANGUAGES, "code": language}))
    return told


def as_data(recording: Recording) -> dict[str, Any]:
    """For the collector, which shows it on Task A."""
    told: dict[str, Any] = {}
    if recording.procedures:
        told["procedures"] = [{"act": one.act} | one.coding for one in recording.procedures]
    if recording.phrase is not None:
        told["phrase"] = {"fi": recording.phrase.fi, "sv": recording.phrase.sv}
    return told
