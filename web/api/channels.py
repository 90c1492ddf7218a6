"""`/api/v1/channels`: the channels that watches can name, how each stands, and a trial of one."""

import asyncio
from functools import partial
from http import HTTPStatus

import msgspec
from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.notify.base import NotifyError, Receipt
from conscope_app.notify.channel_problems import BadChannels
from conscope_app.notify.channel_trial import NoSuchChannel, try_channel
from conscope_app.notify.channels import ChannelKind
from conscope_app.store.watches.channel_states import ChannelState, channel_states
from web.openapi.declaration import described
from web.problems import Problem
from web.schema import encode

_TURN = asyncio.Lock()


class ShownChannel(ChannelState, frozen=True):
    """A channel as it stands. `kind` is null where this worker's settings do not have it."""

    kind: ChannelKind | None


class ChannelPage(msgspec.Struct, frozen=True):
    """All channels of this worker's settings, and others for which something waits."""

    channels: list[ShownChannel]


class Tried(msgspec.Struct, frozen=True):
    """The channel took a message; `reference` is the channel's own id of it, if it gave one."""

    channel: str
    reference: str | None


@app.page("/api/v1/channels", name="api_channels")
class Channels(View):
    """All channels, in the order of the channels file."""

    @described(
        tag="channels",
        summary="All channels in the order of the channels file, and how each stands.",
        answer=ChannelPage,
    )
    async def get(self, request: Request) -> Response:
        """The channels."""
        kinds = app.services.telling.kinds
        states = await app.services.database.run(partial(channel_states, names=list(kinds)))
        found = ChannelPage(
            [
                ShownChannel(**msgspec.structs.asdict(each), kind=kinds.get(each.name))
                for each in states
            ]
        )
        return self.bytes(encode(found), content_type="application/json")


@app.page("/api/v1/channels/{name}/test", name="api_channel_trial")
class Trial(View):
    """The test button."""

    @described(
        tag="channels",
        summary="Send one message through a channel, as the channels file describes it now.",
        path={"name": "The channel's name."},
        answer=Tried,
        problems=(HTTPStatus.BAD_GATEWAY,),
    )
    async def post(self, request: Request, name: str) -> Response:
        """One message of one line through a channel, as the channels file describes it now."""
        if _TURN.locked():
            detail = "Another channel is being tried here; one goes at a time."
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail)
        async with _TURN:
            receipt = await _tried(name)
        shown = Tried(name, receipt.message_id)
        return self.bytes(encode(shown), content_type="application/json")


async def _tried(name: str) -> Receipt:
    try:
        return await try_channel(app.settings, app.services.clock, name)
    except NoSuchChannel as error:
        raise Problem(HTTPStatus.NOT_FOUND, f"{error}.") from None
    except BadChannels as bad:
        problems = "; ".join(map(str, bad.problems))
        detail = f"The channels file cannot be used as it is now: {problems}."
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail) from None
    except NotifyError as error:
        detail = f"{name} did not take the message: {error.problem}."
        raise Problem(HTTPStatus.BAD_GATEWAY, detail) from None
