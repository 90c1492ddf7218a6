"""What the stand-in for Discord can do with a post."""

from collections.abc import Mapping
from typing import Literal

from aiohttp import web

Behaviour = Literal[
    "ok",  # 200 and the message, or 204 where the client does not wait
    "no content",  # 204, though the client waits
    "garbled",  # takes the message; its 200 has a body that is no JSON
    "cut",  # takes the message; its 200 breaks off in the body
    "reset",  # takes the message, and hangs up without an answer
    "busy",  # 429 of Discord's, with a float retry_after
    "banned",  # 429 of Cloudflare's: HTML, no Via
    "error",  # 500
    "bad gateway",  # 502, HTML
    "hang",  # no answer at all
    "mute",  # takes the message, and never answers
    "gone",  # 404
    "unauthorised",  # 401
    "blocked",  # 403 of Cloudflare's: HTML
    "forum",  # 400: the webhook points at a forum
    "elsewhere",  # 307 to another address
]

HTML = "<html><head><title>Error</title></head><body>cloudflare</body></html>"


def failure(behaviour: Behaviour, retry_after_s: float) -> web.Response | None:
    """The answer of a behaviour that does not take the message."""
    match behaviour:
        case "busy":
            return busy(retry_after_s)
        case "banned":
            return _page(429, {"Retry-After": "1"})
        case "error":
            return web.json_response({"message": "500: Internal Server Error"}, status=500)
        case "bad gateway":
            return _page(502)
        case "gone":
            return web.json_response({"message": "Unknown Webhook", "code": 10015}, status=404)
        case "unauthorised":
            said = {"message": "Invalid Webhook Token", "code": 50027}
            return web.json_response(said, status=401)
        case "blocked":
            return _page(403)
        case "forum":
            said = {"message": "Webhooks posted to forum channels must have a thread_name or id"}
            return web.json_response({**said, "code": 220001}, status=400)
        case "elsewhere":
            return web.Response(status=307, headers={"Location": "/elsewhere"})
    return None


def busy(retry_after_s: float) -> web.Response:
    """Discord's own 429."""
    said = {
        "message": "You are being rate limited.",
        "retry_after": retry_after_s,
        "global": False,
    }
    headers = {"Via": "1.1 google", "Retry-After": str(int(retry_after_s) + 1)}
    return web.json_response(said, status=429, headers=headers)


def _page(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=HTML, content_type="text/html", headers=headers)


async def cut_off(request: web.Request) -> web.StreamResponse:
    """A 200 that breaks off in its body."""
    response = web.StreamResponse(status=200, headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"id": ')
    assert request.transport is not None
    request.transport.close()
    return response
