"""The routes below /p. Opening a link shows nothing; a post with the PIN opens it; every action is a post."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends
from referral_contracts.errors import LahettiError
from service_runtime.web.access import public_route
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from outcome_collector.domain.page_access import SESSION
from outcome_collector.domain.task import Task
from outcome_collector.entrypoints.page.door import (
    Door,
    Visit,
    check_form,
    form_fields,
    is_pin_refusal,
    language_of,
)
from outcome_collector.entrypoints.page.rendering import HERE, PAGE_HEADERS, page, words_of
from outcome_collector.entrypoints.page.reports import report_of
from outcome_collector.entrypoints.page.texts import Language
from outcome_collector.entrypoints.page.view import end_reasons, view
from outcome_collector.ports import Neighbour, PinHasher
from outcome_collector.use_cases.advance_task import Patience
from outcome_collector.use_cases.open_session import open_session
from outcome_collector.use_cases.report_on_page import PageReport, read_on_page, report_on_page

SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """What the page's routes work with."""

    door: Door
    hasher: PinHasher
    neighbour: Neighbour
    patience: Patience

    async def landing(self, request: Request, link_token: str) -> Response:
        """Says that a referral waits, and asks for the PIN."""
        language = language_of(request)
        return await self._pin_page(link_token, language)

    async def enter(self, request: Request, link_token: str) -> Response:
        """Opens a session with the PIN."""
        language = language_of(request)
        pin = (await form_fields(request)).get("pin", "").strip()
        try:
            opened = await open_session(self.door.units, self.hasher, link_token, pin, self.door.clock.now())
        except LahettiError as refused:
            if not is_pin_refusal(refused):
                raise
            issue = refused.issues[0]
            error = words_of(issue.slug, language, issue.params)
            return await self._pin_page(link_token, language, status=refused.http_status, error=error)
        visit = Visit(link_token, await self.door.link(link_token), opened.session, "")
        await self._note_opened(visit)
        response = _to(link_token, language)
        self.door.keep(response, link_token, opened.token, int(SESSION.total_seconds()))
        return response

    async def referral(self, request: Request, link_token: str) -> Response:
        """Shows the referral to an open session; without one, asks for the PIN again."""
        language = language_of(request)
        try:
            visit = await self.door.visit(request, link_token)
        except LahettiError as refused:
            if refused.issues[0].slug != "session-over":
                raise
            issue = refused.issues[0]
            return await self._pin_page(
                link_token, language, status=401, error=words_of(issue.slug, language, issue.params)
            )
        return await self._shown(visit, language, saved="saved" in request.query_params)

    async def act(self, request: Request, link_token: str, action: str) -> Response:
        """Records what one form reports, and shows the referral as it then is."""
        language = language_of(request)
        visit = await self.door.visit(request, link_token)
        fields = await form_fields(request)
        check_form(visit, fields)
        try:
            async with self.door.units.write() as unit:
                task, _ = await read_on_page(unit, visit.session, self.door.clock.now())
            report = report_of(action, fields, task.state)
            await self._record(visit, report)
        except LahettiError as refused:
            if refused.http_status == 404:
                raise
            issue = refused.issues[0]
            error = words_of(issue.slug, language, issue.params)
            return await self._shown(visit, language, status=refused.http_status, error=error)
        return _to(link_token, language, "&saved")

    async def leave(self, request: Request, link_token: str) -> Response:
        """Ends the session of this browser."""
        visit = await self.door.visit(request, link_token)
        check_form(visit, await form_fields(request))
        response = RedirectResponse(f"/p/{link_token}?lang={language_of(request)}", SEE_OTHER, PAGE_HEADERS)
        self.door.keep(response, link_token, "", 0)
        return response

    async def _record(self, visit: Visit, report: PageReport) -> None:
        async with self.door.units.write() as unit:
            await report_on_page(unit, visit.session, report, now=self.door.clock.now, patience=self.patience)

    async def _note_opened(self, visit: Visit) -> None:
        """The referrer sees that somebody looked. Should the Task have moved meanwhile, that says more."""
        async with self.door.units.write() as unit:
            task, version = await read_on_page(unit, visit.session, self.door.clock.now())
        if task.state.status == "requested" and task.state.progress in {None, "delivered"}:
            try:
                await self._record(visit, PageReport(version.version, progress="opened"))
            except LahettiError:
                return

    async def _pin_page(
        self, link_token: str, language: Language, *, status: int = 200, error: str | None = None
    ) -> Response:
        link = await self.door.link(link_token)
        async with self.door.units.write() as unit:
            found = await unit.reader.current(link.task)
        return page(
            "pin",
            language,
            status=status,
            link=link_token,
            organisation=await self.neighbour.organisation(link.provider),
            error=error,
            test=found[0].test if found else False,
        )

    async def _shown(
        self,
        visit: Visit,
        language: Language,
        *,
        status: int = 200,
        error: str | None = None,
        saved: bool = False,
    ) -> Response:
        async with self.door.units.write() as unit:
            task, version = await read_on_page(unit, visit.session, self.door.clock.now())
            attempts = await unit.pages.contact_attempts(task.id)
        documents = await self._documents(visit, task)
        shown = view(
            state=task.state,
            version=version.version,
            contact_by=task.deadlines.contact_by.date() if task.deadlines else None,
            documents=documents,
            attempts=attempts,
            designations=await self.neighbour.reason_words() if documents else {},
            language=language,
        )
        return page(
            "referral",
            language,
            status=status,
            link=visit.link_token,
            form_token=visit.form_token,
            view=shown,
            end_reasons=end_reasons(task.state, language),
            error=error,
            saved=saved,
            test=task.test,
        )

    async def _documents(self, visit: Visit, task: Task) -> Sequence[Mapping[str, Any]] | None:
        """What the gateway lets the provider read now; of an ended Task nothing is asked."""
        if not task.state.is_open or task.service_request is None:
            return None
        return await self.neighbour.documents(visit.session, task.service_request, task.referral)


def _to(link_token: str, language: Language, more: str = "") -> RedirectResponse:
    return RedirectResponse(f"/p/{link_token}/referral?lang={language}{more}", SEE_OTHER, PAGE_HEADERS)


def page_router(provider_page: ProviderPage) -> APIRouter:
    """The page's routes. They need no token: the link, the PIN and the session's cookie take its place."""
    router = APIRouter(dependencies=[Depends(public_route)])

    @router.get("/p/static/page.css")
    async def style() -> Response:  # pyright: ignore[reportUnusedFunction]
        return FileResponse(
            HERE / "static" / "page.css", media_type="text/css", headers={"Cache-Control": "max-age=3600"}
        )

    router.add_api_route("/p/{link_token}", provider_page.landing, methods=["GET"])
    router.add_api_route("/p/{link_token}/session", provider_page.enter, methods=["POST"])
    router.add_api_route("/p/{link_token}/referral", provider_page.referral, methods=["GET"])
    router.add_api_route("/p/{link_token}/close", provider_page.leave, methods=["POST"])
    router.add_api_route("/p/{link_token}/{action}", provider_page.act, methods=["POST"])
    return router
