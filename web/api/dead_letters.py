"""`/api/v1/dead-letters`: the records that could not be taken, and the way back for them."""

from http import HTTPStatus
from typing import Annotated

import msgspec
from faust.web import Request, Response, View
from msgspec import Meta

from conscope_app import app
from conscope_app.core.ids import RecordId
from conscope_app.stream.letter_replay import Replayed
from web.bodies import json_of
from web.dead_letter_reading import MOST_REPLAYED, newest_letters, send_back
from web.openapi.declaration import Body, described
from web.operations_schema import Letters, NotReplayed, Replay
from web.problems import Problem
from web.schema import encode

_FIELDS = frozenset({"ids", "again"})


class LetterQuery(msgspec.Struct, frozen=True):
    """Which letters."""

    reason: Annotated[str | None, Meta(description="Only those of this reason.")] = None
    after: Annotated[str | None, Meta(description="The `next` of a page, to go on.")] = None


class ReplayRequest(msgspec.Struct, frozen=True):
    """Which letters are to be sent back; `again`: also what was sent back before."""

    ids: Annotated[list[str], Meta(min_length=1, max_length=MOST_REPLAYED)]
    again: bool = False


@app.page("/api/v1/dead-letters", name="api_dead_letters")
class DeadLetters(View):
    """The newest dead letters; `reason=` asks for those of one, `after=` for what is behind."""

    @described(
        tag="operations",
        summary="The newest dead letters, the newest first.",
        query=LetterQuery,
        reads_query_itself=True,
        answer=Letters,
    )
    async def get(self, request: Request) -> Response:
        """The letters, the newest first."""
        found = await newest_letters(request)
        return self.bytes(encode(found), content_type="application/json")


@app.page("/api/v1/dead-letters/replay", name="api_dead_letter_replay")
class DeadLetterReplay(View):
    """Sends letters back, as `dead-letters replay --id` does."""

    @described(
        tag="operations",
        summary="Send dead letters back to where they came from; asked twice, none goes twice.",
        body=Body(ReplayRequest),
        answer=Replay,
    )
    async def post(self, request: Request) -> Response:
        """Send the letters of `ids` back; with `again` also what was replayed before.

        A letter goes back in one transaction with what remembers it, so that to ask twice sends
        none twice.
        """
        body = await json_of(request)
        again = body.get("again", False)
        amiss = [(name, "is not known here") for name in sorted(body.keys() - _FIELDS)]
        if not isinstance(again, bool):
            amiss.append(("again", "must be true or false"))
        origins = _origins(body.get("ids"), amiss)
        if amiss:
            detail = "It cannot be said which letters are meant."
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, amiss)
        shown = _shown(await send_back(origins, again=again))
        return self.bytes(encode(shown), content_type="application/json")


def _origins(ids: object, amiss: list[tuple[str, str]]) -> list[RecordId]:
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_REPLAYED:
        amiss.append(("ids", f"must be a list of 1 to {MOST_REPLAYED} ids"))
        return []
    origins = []
    for at, each in enumerate(ids):
        origin = _origin(each)
        if origin is None:
            amiss.append((f"ids[{at}]", "must be the id of a dead letter: raw_prices-3-17"))
        else:
            origins.append(origin)
    return origins


def _origin(text: object) -> RecordId | None:
    if not isinstance(text, str):
        return None
    try:
        origin = RecordId.parse(text)
    except ValueError:
        return None
    is_of_ours = str(origin) == text and 0 <= origin.partition < app.settings.partitions
    return origin if is_of_ours else None


def _shown(replayed: Replayed) -> Replay:
    return Replay(replayed.sent, [NotReplayed(*each) for each in replayed.left])
