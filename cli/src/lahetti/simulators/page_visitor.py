"""A person at a provider without IT: opens the link of a mail and works on the page, without JavaScript."""

import re
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import aiohttp

from lahetti.simulators.page_forms import Form, Page, read_page

LINK = re.compile(r"https?://\S+")
VISIT_SECONDS = 30


class PageRefusedError(Exception):
    """The page did not offer, or did not take, what the visitor tried; the text holds no page content."""


class PageVisitor:
    """One browser session: cookies kept, redirects followed, forms sent as they stand plus what is typed."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # the pages live at an IP address here
            timeout=aiohttp.ClientTimeout(total=VISIT_SECONDS),
            trust_env=False,
        )
        self.page = Page("", [])
        self.status = 0
        self._url = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the browser."""
        await self._session.close()

    async def open(self, url: str) -> Page:
        """Follow a link."""
        async with self._session.get(url, headers={"Accept-Language": "fi"}) as response:
            return await self._shown(response)

    async def submit(self, form: Form | None, **typed: str) -> Page:
        """Send `form` with what was `typed` or chosen. Raises PageRefusedError without a form."""
        if form is None:
            raise PageRefusedError(f"{self.status}: the page has no form for {' '.join(sorted(typed))}")
        data = form.fields | typed
        headers = {"Accept-Language": "fi"}
        url = urljoin(self._url, form.action or self._url)
        async with self._session.request(form.method.upper(), url, data=data, headers=headers) as response:
            return await self._shown(response)

    async def _shown(self, response: aiohttp.ClientResponse) -> Page:
        self.status, self._url = response.status, str(response.url)
        self.page = read_page(await response.text())
        return self.page


def link_in(text: str) -> str:
    """The first link in a mail's text. Raises PageRefusedError where there is none."""
    found = LINK.search(text)
    if found is None:
        raise PageRefusedError("the mail holds no link")
    return found.group(0).rstrip(".,>)")
