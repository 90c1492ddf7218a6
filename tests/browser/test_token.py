"""A browser that was given the token once shows it with everything that a page asks for."""

import pytest
from playwright.async_api import Browser

from tests.web.locked import TOKEN, locked_pages
from tests.web.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="session"),
]

# Reads, changes, and opens a stream, as the pages do.
ASK = """async () => {
    const read = await fetch("/api/v1/openapi.json");
    const again = await fetch("/api/v1/openapi.json", {cache: "no-cache"});
    const change = await fetch("/api/v1/watches/none", {method: "DELETE"});
    const stream = new EventSource("/live");
    const event = await new Promise((resolve) => {
        stream.addEventListener("stats", () => resolve("stats"));
        stream.addEventListener("error", () => resolve("error"));
    });
    stream.close();
    return [read.status, again.status, change.status, change.headers.get("content-type"), event];
}"""


async def test_the_password_goes_with_every_request_of_a_page(site: Site, browser: Browser) -> None:
    """Fetches that read or change, and streams."""
    async with locked_pages() as server:
        context = await browser.new_context(
            http_credentials={"username": "anyone", "password": TOKEN}
        )
        try:
            page = await context.new_page()
            shown = await page.goto(str(server.make_url("/watches")))
            found = await page.evaluate(ASK)
        finally:
            await context.close()

    assert shown is not None
    assert shown.status == 200
    assert found == [200, 200, 404, "application/problem+json", "stats"]
