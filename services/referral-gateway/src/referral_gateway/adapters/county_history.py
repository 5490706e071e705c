"""What became of the agreements, read from the folders as they were loaded: nothing is kept twice."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from service_runtime.database.statements import table_of
from sqlalchemy import select

from referral_gateway.adapters.county_documents import CountyFile, read_file
from referral_gateway.adapters.tables import CountySnapshot
from referral_gateway.domain.agreement_history import AgreementChange, Content, Load, agreement_changes
from referral_gateway.ports import Session

_SNAPSHOTS = table_of(CountySnapshot)
_AT_ONCE = 20
FOLDER = "agreements/"


class CountyHistory:
    """Compares each loaded folder with the one before it. A load that changed nothing left no folder."""

    async def agreements(self, session: Session, agreement: str | None = None) -> Sequence[AgreementChange]:
        """Every change of the agreements, or of the one named, the newest first."""
        found: list[AgreementChange] = []
        texts: dict[str, str] = {}
        known: dict[str, Content] = {}
        after = 0
        while rows := (await session.execute(_page(after))).all():
            for row in rows:
                now = {name: text for name, text in orjson.loads(row.files).items() if _is_one(name)}
                if now != texts:
                    agreements = _read(now, texts, known)
                    load = Load(row.version, row.loaded_at, row.loaded_by, row.digest)
                    found += agreement_changes(load, _by_id(known), _by_id(agreements))
                    texts, known = now, agreements
            after = rows[-1].version
        wanted = [one for one in found if agreement is None or one.agreement == agreement]
        return wanted[::-1]


def _page(after: int) -> Any:
    names = ("version", "files", "digest", "loaded_at", "loaded_by")
    columns = [_SNAPSHOTS.c[name] for name in names]
    newer = select(*columns).where(_SNAPSHOTS.c.version > after)
    return newer.order_by(_SNAPSHOTS.c.version).limit(_AT_ONCE)


def _is_one(name: str) -> bool:
    return name.startswith(FOLDER) and name.endswith((".yaml", ".yml"))


def _read(
    now: Mapping[str, str], texts: Mapping[str, str], known: Mapping[str, Content]
) -> dict[str, Content]:
    """The agreements by their file; only files whose text is new are parsed."""
    return {
        name: known[name] if texts.get(name) == text else _content(name, text) for name, text in now.items()
    }


def _content(name: str, text: str) -> Content:
    read = read_file(name, text)
    assert isinstance(read, CountyFile)  # noqa: S101 it was read when it was loaded
    return read.content


def _by_id(agreements: Mapping[str, Content]) -> dict[str, Content]:
    return {one["id"]: one for one in agreements.values()}
