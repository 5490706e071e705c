"""The provider's page as the collector serves it, on SQLite; only the gateway behind it is played."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from lahetti.simulators.page_forms import Form, Page, read_page
from lahetti.simulators.referral_bundles import referral_bundle
from outcome_collector.adapters import tables
from outcome_collector.adapters.pin_hasher import Argon2PinHasher
from outcome_collector.domain.page_access import PageSession
from outcome_collector.entrypoints.page.door import Door
from outcome_collector.entrypoints.page.rendering import PAGES
from outcome_collector.entrypoints.page.routes import ProviderPage, page_router
from outcome_collector.entrypoints.page.showing import Showing
from outcome_collector.use_cases.make_link import make_link
from outcome_collector.use_cases.set_pin import set_pin
from referral_contracts.errors import refuse
from referral_contracts.events import ReferralRouted
from referral_gateway.domain.protected_view import name_and_phone
from service_runtime.database.engine import Database
from support.collector import COUNTY, PROVIDER, Collector
from support.databases import create_tables
from support.web_app import SmallService, small_service

PIN = "20260302"
FAMILY, GIVEN, PHONE = "Näkymätön", "Esimerkki Aino", "+358 40 000 0909"
REASON_WORDS = {
    "physical-inactivity": {"fi": "liikkumattomuus", "sv": "fysisk inaktivitet", "en": "physical inactivity"}
}


def documents(**choices: Any) -> list[dict[str, Any]]:
    """ServiceRequest B, Patient and Consent as the gateway gives them to a provider."""
    choices = {"client_name": f"{FAMILY}, {GIVEN}", "phone": PHONE, "identifier": "R-1", **choices}
    by_type = {e["resource"]["resourceType"]: e["resource"] for e in referral_bundle(**choices)["entry"]}
    request, patient, requester = (by_type[t] for t in ("ServiceRequest", "Patient", "PractitionerRole"))
    request |= {"requester": {"reference": "#requester"}, "contained": [requester | {"id": "requester"}]}
    return [
        request,
        name_and_phone(patient) if choices.get("protected") else patient,
        by_type["Consent"],
    ]


@dataclass
class PlayedGateway:
    """Port `Neighbour`: gives `given`, nothing once that is None, and does not answer while it is `down`."""

    given: Sequence[Mapping[str, Any]] | None = field(default_factory=documents)
    down: bool = False
    asked: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    async def documents(
        self, session: PageSession, service_request: str, referral: str
    ) -> Sequence[Mapping[str, Any]] | None:
        if self.down:
            raise refuse("unavailable")
        self.asked.append((session.provider, service_request, referral))
        return self.given

    async def organisation(self, provider: str) -> str:
        return "Kotkan esimerkkiliikunta" if provider == PROVIDER.client else provider

    async def reason_words(self) -> Mapping[str, Mapping[str, str]]:
        return REASON_WORDS


@dataclass
class Visitor:
    """A browser without JavaScript that follows redirects; `page` is what it shows, `answer` how it came."""

    client: httpx.AsyncClient
    answer: httpx.Response = field(default_factory=lambda: httpx.Response(0))
    language: str = "fi"

    @property
    def page(self) -> Page:
        return read_page(self.answer.text)

    @property
    def text(self) -> str:
        return self.page.text

    @property
    def title(self) -> str:
        return self.answer.text.partition("<title>")[2].partition("</title>")[0]

    async def open(self, path: str) -> None:
        headers = {"Accept-Language": self.language}
        self.answer = await self.client.get(path, headers=headers, follow_redirects=True)

    async def send(self, form: Form | None, **typed: str) -> None:
        """Send `form` as it stands, with what is `typed` or pressed."""
        assert form is not None, f"{self.answer.status_code}: no such form in: {self.text}"
        await self.post(form.action, form.fields | typed)

    async def post(self, path: str, fields: Mapping[str, str]) -> None:
        headers = {"Accept-Language": self.language}
        self.answer = await self.client.post(path, data=fields, headers=headers, follow_redirects=True)

    async def enter(self, link: str, pin: str = PIN) -> None:
        """Open the link and give the PIN."""
        await self.open(link)
        await self.send(self.page.form_with("pin"), pin=pin)

    async def press(self, action: str, **choices: str) -> None:
        """Send the form to `action` that offers these choices; of many such, the first."""
        fitting = (form for form in self.forms(action) if _offers(form, choices))
        await self.send(next(fitting, None), **choices)

    def forms(self, action: str) -> list[Form]:
        return [form for form in self.page.forms if f"/{action}?" in form.action]


@dataclass
class Site:
    """The page's routes, the collector behind them, and what the gateway says."""

    collector: Collector
    service: SmallService
    gateway: PlayedGateway
    secure: bool = False

    def visitor(self, language: str = "fi") -> Visitor:
        return Visitor(self.service.client(), language=language)

    async def link_to(self, task: str) -> str:
        """The path of a new link."""
        async with self.collector.units.write() as unit:
            return f"/p/{await make_link(unit, task, at=self.collector.clock.now(), page_days=14.0)}"

    async def referred(self, **facts: Any) -> tuple[ReferralRouted, str, str]:
        """A routed referral, its Task B, and a link to it."""
        routed = await self.collector.route(**facts)
        task = await self.collector.task_b(routed)
        return routed, task, await self.link_to(task)

    async def entered(self, language: str = "fi", **facts: Any) -> tuple[Visitor, str]:
        """A visitor who has opened a new referral, and its Task."""
        _, task, link = await self.referred(**facts)
        visitor = self.visitor(language)
        await visitor.enter(link)
        assert visitor.answer.status_code == 200
        return visitor, task

    async def reads(self, task: str) -> list[dict[str, Any]]:
        rows = await self.collector.rows(tables.Audit)
        return [row for row in rows if row["resource"] == f"Task/{task}" and row["action"] == "read"]


async def site_on(database: Database, folder: Path, *, secure: bool = False) -> Site:
    """A site with empty tables and the provider's PIN set."""
    await create_tables(database, tables.Base.metadata)
    collector = Collector(database)
    gateway, hasher = PlayedGateway(), Argon2PinHasher()
    door = Door(collector.units, hasher, collector.clock, secure=secure)
    page = ProviderPage(door, Showing(door, gateway), collector.patience)
    await set_pin(collector.units, hasher, PROVIDER.client, PIN)
    return Site(collector, small_service(folder, [page_router(page)], pages=PAGES), gateway)


@pytest.fixture
async def site(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The page on a database of its own."""
    database = Database.open(sqlite_url, schema=COUNTY)
    yield await site_on(database, tmp_path)
    await database.close()


def _offers(form: Form, choices: Mapping[str, str]) -> bool:
    return all(
        form.fields.get(name) in ("", value)
        or value in form.choices.get(name, []) + form.buttons.get(name, [])
        for name, value in choices.items()
    )
