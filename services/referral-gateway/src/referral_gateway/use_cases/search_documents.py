"""Search the documents of referrals: what the caller may read now, and nothing that it may not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import orjson
from referral_contracts.fhir.search.matching import matches
from referral_contracts.fhir.search.query import Cursor, Query
from service_runtime.caller import Caller

from referral_gateway.domain.finding import Sought, sought
from referral_gateway.ports import Document, Session, Vault
from referral_gateway.use_cases.read_resource import ReadResource

_AT_ONCE = 200


class Finder(Protocol):
    """The rows of documents."""

    async def find(self, session: Session, wanted: Sought, most: int) -> Sequence[Document]:
        """The newest versions of at most `most` documents that `wanted` may mean, behind its cursor."""
        ...


@dataclass(frozen=True, slots=True)
class FoundDocuments:
    """A page of a search. `more` says whether another follows, `total` how many there are where known."""

    documents: tuple[Document, ...]
    more: bool
    total: int | None

    @property
    def last(self) -> Cursor | None:
        """Where the page ends, if another follows."""
        if not (self.more and self.documents):
            return None
        return Cursor(self.documents[-1].last_updated, self.documents[-1].id)


class SearchDocuments:
    """Rule: a search finds what a read would give, as it would be given: conditions are compared with the
    document as its reader sees it, so that what is withheld cannot be guessed at.

    Each document on the page writes an audit row in the same transaction.
    """

    def __init__(self, *, finder: Finder, read: ReadResource, vault: Vault) -> None:
        self._finder = finder
        self._read = read
        self._vault = vault

    async def __call__(self, session: Session, caller: Caller, query: Query) -> FoundDocuments:
        most = 0 if query.summary == "count" else query.count
        found = await self._matching(session, caller, query, most + 1) if most else []
        page, more = found[:most], len(found) > most
        total = None
        if query.wants_total or not most:
            total = len(await self._matching(session, caller, replace(query, cursor=None), None))
        elif query.cursor is None and not more:
            total = len(page)
        await self._read.note(session, caller, page)
        return FoundDocuments(tuple(page), more, total)

    async def named(self, session: Session, caller: Caller, kind: str, ids: Sequence[str]) -> list[Document]:
        """The documents of these ids that the caller may read, their reading written down."""
        newest = [await self._vault.newest(session, kind, one) for one in ids]
        given = await self._read.visible(session, caller, [one for one in newest if one is not None])
        await self._read.note(session, caller, given)
        return given

    async def _matching(
        self, session: Session, caller: Caller, query: Query, most: int | None
    ) -> list[Document]:
        """The first `most` matches behind the query's cursor, or all."""
        client = caller.client_id if caller.kind == "ehr" else None
        provider = caller.client_id if caller.kind == "provider" else None
        wanted = sought(query, client=client, provider=provider)
        batch = _AT_ONCE if most is None else max(most, 20)
        found: list[Document] = []
        while most is None or len(found) < most:
            documents = await self._finder.find(session, wanted, batch)
            visible = await self._read.visible(session, caller, documents)
            found += [one for one in visible if matches(orjson.loads(one.body), query.conditions)]
            if len(documents) < batch:
                break
            wanted = replace(wanted, cursor=Cursor(documents[-1].last_updated, documents[-1].id))
        return found
