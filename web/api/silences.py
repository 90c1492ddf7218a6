"""`/api/v1/silences`: what nobody is to be told of until a moment."""

from functools import partial
from http import HTTPStatus

import msgspec
from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.alerting.watches.silences import Silence
from conscope_app.store.watches import silences
from conscope_app.store.watches.reading import read_silence
from web.bodies import json_of, with_id
from web.openapi.declaration import Body, described
from web.problems import Problem
from web.schema import encode

_PATH = {"silence_id": "The silence's id."}


class SilencePage(msgspec.Struct, frozen=True):
    """All silences that are not over, the one that ends first at the front."""

    silences: list[Silence]


@app.page("/api/v1/silences", name="api_silences")
class Silences(View):
    """All silences that are not over."""

    @described(
        tag="silences",
        summary="All silences that are not over, the one that ends first at the front.",
        answer=SilencePage,
    )
    async def get(self, request: Request) -> Response:
        """The silences."""
        read = partial(silences.list_silences, now=app.services.clock())
        found = SilencePage(await app.services.database.run(read))
        return self.bytes(encode(found), content_type="application/json")


@app.page("/api/v1/silences/{silence_id}", name="api_silence")
class OneSilence(View):
    """One silence by its id."""

    @described(tag="silences", summary="One silence, over or not.", path=_PATH, answer=Silence)
    async def get(self, request: Request, silence_id: str) -> Response:
        """The silence, over or not."""
        read = partial(silences.get_silence, silence_id=silence_id)
        found = await app.services.database.run(read)
        if found is None:
            raise _no_such_silence(silence_id)
        return self.bytes(encode(found), content_type="application/json")

    @described(
        tag="silences",
        summary="Make a silence, or change it: until it ends, nothing that fits is told.",
        path=_PATH,
        body=Body(Silence, from_address=("id",)),
        answer=Silence,
        status=(HTTPStatus.OK, HTTPStatus.CREATED),
    )
    async def put(self, request: Request, silence_id: str) -> Response:
        """Make the silence, or change it."""
        silence = read_silence(with_id(await json_of(request), silence_id))
        is_new = await app.services.database.run(partial(silences.put_silence, silence=silence))
        status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        return self.bytes(encode(silence), status=status.value, content_type="application/json")

    @described(
        tag="silences",
        summary="End a silence: what it held back is told, if it is still so.",
        path=_PATH,
        answer=None,
        status=(HTTPStatus.NO_CONTENT,),
    )
    async def delete(self, request: Request, silence_id: str) -> Response:
        """End the silence: what it held back is told, if it is still so."""
        work = partial(silences.delete_silence, silence_id=silence_id)
        if not await app.services.database.run(work):
            raise _no_such_silence(silence_id)
        return self.bytes(b"", status=HTTPStatus.NO_CONTENT.value)


def _no_such_silence(silence_id: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, f"There is no silence {silence_id!r}.")
