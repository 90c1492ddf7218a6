"""`/operations/dead-letters`: the records that could not be taken, to be read and sent back.

It is complete for reading as it comes. What is sent back goes through `/api/v1`, from the browser:
`static/dead_letters.js`.
"""

from aiohttp.web import HTTPBadRequest, HTTPServiceUnavailable
from faust.web import Request, Response, View

from conscope_app import app
from web import figures
from web.dead_letter_reading import newest_letters
from web.problems import Problem
from web.templating import render


@app.page("/operations/dead-letters", name="dead_letters")
async def dead_letters(view: View, request: Request) -> Response:
    """The newest letters, of one reason where it is asked for."""
    try:
        found = await newest_letters(request)
    except Problem as problem:
        error = HTTPServiceUnavailable if problem.status >= 500 else HTTPBadRequest
        raise error(text=problem.detail) from None
    html = render(
        "operations/dead_letter_list.html",
        found=found,
        counts=figures.dead_letters(app.view()),
        reason=request.query.get("reason", ""),
        after=request.query.get("after", ""),
    )
    return view.html(html)
