"""The routes below /p. Opening a link shows nothing; a post with the PIN opens it; every action is a post."""

from dataclasses import dataclass

from fastapi import APIRouter, Depends
from referral_contracts.errors import LahettiError, refuse
from service_runtime.web.access import public_route
from starlette.requests import Request
from starlette.responses import Response

from outcome_collector.entrypoints.page.door import Door, Visit, form_fields, language_of
from outcome_collector.entrypoints.page.rendering import style
from outcome_collector.entrypoints.page.reports import FORMS, report_of, version_in
from outcome_collector.entrypoints.page.showing import Showing, attempted, to_door, to_referral, words_of
from outcome_collector.entrypoints.page.texts import text
from outcome_collector.use_cases.advance_task import Patience
from outcome_collector.use_cases.answer_on_page import Answer, answer_on_page
from outcome_collector.use_cases.report_on_page import PageReport, read_on_page, report_on_page

LOOK = ["GET", "HEAD"]
_AT_THE_DOOR = frozenset({"pin-wrong", "pin-locked"})
_ANSWERS = {"agree": True, "go-on": False}


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """What the page's routes work with."""

    door: Door
    showing: Showing
    patience: Patience

    async def landing(self, request: Request, link_token: str) -> Response:
        """Says that a referral waits, and asks for the PIN."""
        closed = "closed" in request.query_params
        return await self.showing.door_page(link_token, language_of(request), closed=closed)

    async def enter(self, request: Request, link_token: str) -> Response:
        """Opens a session with the PIN, which may be typed in groups."""
        language = language_of(request)
        pin = "".join((await form_fields(request)).get("pin", "").split())
        try:
            visit, cookie = await self.door.enter(link_token, pin)
        except LahettiError as refused:
            if refused.issues[0].slug not in _AT_THE_DOOR:
                raise
            return await self.showing.door_page(
                link_token, language, status=refused.http_status, error=words_of(refused, language)
            )
        await self._note_opened(visit)
        response = to_referral(link_token, language)
        self.door.keep(response, link_token, cookie)
        return response

    async def referral(self, request: Request, link_token: str) -> Response:
        """Shows the referral to an open session; without one, asks for the PIN again."""
        language = language_of(request)
        visit = await self.door.visit(request, link_token)
        if visit is None:
            error = text("error_session", language)
            return await self.showing.door_page(link_token, language, status=401, error=error)
        return await self.showing.referral_page(visit, language, saved="saved" in request.query_params)

    async def act(self, request: Request, link_token: str, action: str) -> Response:
        """Records what one form reports, and shows the referral as it then is."""
        language = language_of(request)
        if action not in FORMS:
            raise refuse("not-found")
        visit = await self.door.visit(request, link_token)
        if visit is None:
            error = text("error_unsaved", language)
            return await self.showing.door_page(link_token, language, status=401, error=error)
        fields = await form_fields(request)
        if not visit.made(fields):
            error = text("error_form", language)
            return await self.showing.referral_page(visit, language, status=403, error=error)
        try:
            await self._take(visit, action, fields)
        except LahettiError as refused:
            if refused.http_status == 404 or refused.http_status >= 500:
                raise
            return await self.showing.referral_page(
                visit,
                language,
                status=refused.http_status,
                error=words_of(refused, language),
                tried=attempted(action, fields, refused),
            )
        return to_referral(link_token, language, "&saved")

    async def leave(self, request: Request, link_token: str) -> Response:
        """Ends the session."""
        language = language_of(request)
        visit = await self.door.visit(request, link_token)
        if visit is not None:
            if not visit.made(await form_fields(request)):
                return to_referral(link_token, language)
            await self.door.leave(visit)
        response = to_door(link_token, language, "&closed")
        self.door.keep(response, link_token, "")
        return response

    async def look_again(self, request: Request, link_token: str, action: str) -> Response:
        """A browser that reloads, or comes back, asks for a form's address by GET: it gets what is there
        now."""
        if action in FORMS:
            return to_referral(link_token, language_of(request))
        if action in {"session", "close"}:
            return to_door(link_token, language_of(request))
        raise refuse("not-found")

    async def _take(self, visit: Visit, action: str, fields: dict[str, str]) -> None:
        now = self.door.clock.now
        if action == "stop":
            if fields.get("answer") not in _ANSWERS:
                raise refuse("invalid-value")
            answer = Answer(version_in(fields), _ANSWERS[fields["answer"]])
            async with self.door.units.write() as unit:
                await answer_on_page(unit, visit.session, answer, now=now, patience=self.patience)
            return
        async with self.door.units.write() as unit:
            task, _ = await read_on_page(unit, visit.session, now())
        await self._record(visit, report_of(action, fields, task.state))

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


def page_router(provider_page: ProviderPage) -> APIRouter:
    """The page's routes. They need no token: the link, the PIN and the session's cookie take its place."""
    router = APIRouter(dependencies=[Depends(public_route)])

    @router.api_route("/p/static/{name}", methods=LOOK)
    async def style_sheet(name: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        return style(name)

    router.add_api_route("/p/{link_token}", provider_page.landing, methods=LOOK)
    router.add_api_route("/p/{link_token}/referral", provider_page.referral, methods=LOOK)
    router.add_api_route("/p/{link_token}/session", provider_page.enter, methods=["POST"])
    router.add_api_route("/p/{link_token}/close", provider_page.leave, methods=["POST"])
    router.add_api_route("/p/{link_token}/{action}", provider_page.act, methods=["POST"])
    router.add_api_route("/p/{link_token}/{action}", provider_page.look_again, methods=LOOK)
    return router
