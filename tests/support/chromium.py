"""Debian's Chromium, driven by playwright, with a profile of its own each time."""

import os
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

RUN = Path(__file__).resolve().parents[2] / ".run" / "browser"
WAIT_MILLISECONDS = 30_000
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Else it looks for hosts that a closed network does not have, many at a time.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),  # its sandbox refuses to run as root
)


def executable() -> str:
    """Where Chromium is; a missing browser fails the test in one line, it is never skipped."""
    found = shutil.which("chromium")
    if found is None:
        pytest.fail("chromium is missing: sudo apt-get install chromium", pytrace=False)
    return found


@asynccontextmanager
async def visit(name: str, *, width: int, javascript: bool = True) -> AsyncGenerator[Page]:
    """A page in a browser that has never been here before, `width` pixels wide, its user a Finn.

    When the test fails inside, `.run/browser/<name>.png` shows what the user saw."""
    path = executable()
    with tempfile.TemporaryDirectory(prefix="lahetti-chromium-", ignore_cleanup_errors=True) as profile:
        async with async_playwright() as playwright:
            context = await playwright.chromium.launch_persistent_context(
                profile,
                executable_path=path,
                headless=True,
                args=ARGUMENTS,
                viewport={"width": width, "height": 740},
                locale="fi-FI",
                java_script_enabled=javascript,
            )
            context.set_default_timeout(WAIT_MILLISECONDS)
            page = context.pages[0]
            try:
                yield page
            except BaseException:
                RUN.mkdir(parents=True, exist_ok=True)
                await page.screenshot(path=RUN / f"{name}.png", full_page=True)
                raise
            finally:
                await context.close()


class Keyboard:
    """Somebody who has no mouse: Tab, Enter, and typing where text is asked for."""

    MOST_TABS = 60

    def __init__(self, page: Page) -> None:
        self._page = page

    async def to(self, name: str) -> None:
        """Press Tab until what is named `name` has the focus, and can be seen to have it."""
        passed: list[str] = []
        for _ in range(self.MOST_TABS):
            await self._page.keyboard.press("Tab")
            focus = await self._page.evaluate(_FOCUS)
            if focus["name"] == name:
                assert focus["inView"], f"{name} has the focus outside the window"
                assert focus["ring"], f"nothing shows that {name} has the focus"
                return
            passed.append(focus["name"])
        pytest.fail(f"Tab never came to {name}; it came to: {', '.join(passed)}")

    async def press(self, name: str) -> None:
        """Go to `name` and press Enter."""
        await self.to(name)
        await self._page.keyboard.press("Enter")

    async def write(self, name: str, text: str) -> None:
        """Go to the field labelled `name` and type."""
        await self.to(name)
        await self._page.keyboard.type(text)


async def fits(page: Page) -> bool:
    """Whether the page can be read without scrolling sideways."""
    widths: dict[str, Any] = await page.evaluate(
        "() => ({ page: document.documentElement.scrollWidth, window: window.innerWidth })"
    )
    return widths["page"] <= widths["window"]


_FOCUS = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const label = one.labels && one.labels.length ? one.labels[0] : one;
    return {
        name: label.textContent.trim(),
        inView: box.bottom > 0 && box.top < window.innerHeight && box.left >= 0
            && box.right <= window.innerWidth,
        ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    };
}"""
