"""What a refused or failed request gets: the status and a sentence, nothing of the inside."""

from http import HTTPStatus

import msgspec
from aiohttp import hdrs
from aiohttp.web import HTTPException, Request, Response

from web.templating import render

SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take that kind of request.",
    500: "Something went wrong here. It has been written to the worker's log.",
}
KEPT_HEADERS = (hdrs.ALLOW, hdrs.WWW_AUTHENTICATE, hdrs.RETRY_AFTER)


def error_response(request: Request, error: HTTPException | None) -> Response:
    """A page, or JSON where a program asked; None is our own fault and says no more than 500."""
    status = error.status if error is not None else 500
    title = HTTPStatus(status).phrase
    sentence = SENTENCES.get(status) or (error.text if error is not None else None) or title
    kept = {k: error.headers[k] for k in KEPT_HEADERS if error is not None and k in error.headers}
    if request.path.startswith(("/api/", "/health/", "/live")):
        body = msgspec.json.encode({"status": status, "error": title, "detail": sentence})
        return Response(body=body, status=status, headers=kept, content_type="application/json")
    html = render("error.html", status=status, title=title, sentence=sentence)
    return Response(text=html, status=status, headers=kept, content_type="text/html")
