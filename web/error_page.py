"""What a refused or failed request gets: the status and a sentence, nothing of the inside."""

from http import HTTPStatus

from aiohttp import hdrs
from aiohttp.web import HTTPException, Request, Response

from web.methods import allowed_methods
from web.problems import problem_response
from web.templating import render

SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take that kind of request.",
    413: "The body takes over 1 MiB.",
    500: "Something went wrong here. It has been written to the worker's log.",
}
KEPT_HEADERS = (hdrs.ALLOW, hdrs.WWW_AUTHENTICATE, hdrs.RETRY_AFTER)
FOR_PROGRAMS = ("/api/", "/health/", "/live")


def error_response(request: Request, error: HTTPException | None) -> Response:
    """A page, or a problem where a program asked; None is our own fault, of which 500 is all."""
    status = HTTPStatus(error.status if error is not None else 500)
    said = error.text if error is not None else None
    kept = {k: error.headers[k] for k in KEPT_HEADERS if error is not None and k in error.headers}
    sentence = SENTENCES.get(status) or said or status.phrase
    if request.path.startswith(FOR_PROGRAMS):
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            kept[hdrs.ALLOW] = allowed_methods(request)
        return problem_response(status, sentence, headers=kept)
    html = render("error.html", status=status.value, title=status.phrase, sentence=sentence)
    return Response(text=html, status=status.value, headers=kept, content_type="text/html")
