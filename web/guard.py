"""Who may see what: the one door that every request passes, wired or not.

Only the paths in `SERVED` exist: Faust's own views, which show tables and internals, are closed.
Where a token is set, everything but `/health/live` asks for it. Without one the pages are
loopback's (settings refuse anything else), and only a loopback `Host` is answered: a foreign name
that was made to resolve to this machine (DNS rebinding) is turned away. Another site may link to a
page; it may not change, embed, fetch or stream anything.
"""

import base64
import binascii
import hashlib
import hmac
import logging
import re

from aiohttp import hdrs
from aiohttp.typedefs import Middleware
from aiohttp.web import (
    Application,
    HTTPException,
    HTTPForbidden,
    HTTPMisdirectedRequest,
    HTTPNotFound,
    HTTPUnauthorized,
    Request,
    StreamResponse,
    middleware,
)

from conscope_app import app
from conscope_app.core.loopback import is_loopback
from web.admission import Admission, answer_begins
from web.aiohttp_app import native, serve_with
from web.answering import Handler, answer
from web.error_page import error_response
from web.etags import READING
from web.malformed import Runner
from web.security_headers import add_security_headers

log = logging.getLogger(__name__)

# A page that is not listed here answers 404: add its route pattern when you add a page.
SERVED = frozenset(
    {
        "/",
        "/live",
        "/alerts",
        "/alerts/drops",
        "/alerts/drops/{alert_id}",
        "/alerts/silences",
        "/alerts/{episode}",
        "/watches",
        "/watches/new",
        "/watches/{watch_id}",
        "/matches",
        "/events/{event_id}",
        "/api/v1/events/{event_id}",
        "/api/v1/events/{event_id}/heat",
        "/api/v1/events/{event_id}/markets",
        "/api/v1/events/{event_id}/markets/history",
        "/api/v1/events/{event_id}/markets/prices",
        "/api/v1/events/{event_id}/markets/prices.csv",
        "/api/v1/events/{event_id}/changes",
        "/api/v1/events/{event_id}/histogram",
        "/api/v1/events/{event_id}/prices",
        "/api/v1/events/{event_id}/prices.csv",
        "/api/v1/events/{event_id}/seats",
        "/api/v1/events/{event_id}/seats.csv",
        "/api/v1/events/{event_id}/seats.json",
        "/api/v1/events/{event_id}/together",
        "/operations",
        "/operations/dead-letters",
        "/api/v1/operations",
        "/api/v1/dead-letters",
        "/api/v1/dead-letters/replay",
        "/api/v1/stats",
        "/api/v1/alerts",
        "/api/v1/alerts/{alert_id}",
        "/api/v1/events",
        "/api/v1/event-matches",
        "/api/v1/event-matches/apart",
        "/api/v1/event-matches/merge",
        "/api/v1/event-matches/of/{event_id}",
        "/api/v1/event-matches/split",
        "/api/v1/watches",
        "/api/v1/watches/dry-run",
        "/api/v1/watches/{watch_id}",
        "/api/v1/watches/{watch_id}/why",
        "/api/v1/watches/{watch_id}/snooze",
        "/api/v1/silences",
        "/api/v1/silences/{silence_id}",
        "/api/v1/episodes",
        "/api/v1/episodes/{episode}",
        "/api/v1/episodes/{episode}/acknowledge",
        "/api/v1/channels",
        "/api/v1/channels/{name}/test",
        "/api/v1/openapi.json",
        "/health/live",
        "/health/ready",
        "/static",
    }
)
WITHOUT_TOKEN = frozenset({"/health/live"})  # says only that the process runs

# A name or an address, and a port; nothing else that a URL could hold.
_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9.-]+))(?::\d{1,5})?", re.I | re.A)


def install(web_app: Application, token: str | None) -> None:
    """Put the guard before every route of the application, and the headers on every answer."""
    web_app.middlewares.append(guard(token))
    web_app.on_response_prepare.append(add_security_headers)
    web_app.on_response_prepare.append(answer_begins)


def guard(token: str | None) -> Middleware:
    """The middleware: refuses what may not pass, and turns every error into a plain page."""
    expected = None if token is None else _digest(token.encode("utf-8", "surrogateescape"))
    if token is not None and not token.strip():
        raise ValueError("an empty token would let everybody in")
    admission = Admission()

    @middleware
    async def guarded(request: Request, handler: Handler) -> StreamResponse:
        try:
            if expected is None:
                _check_host(request)
            else:
                _check_token(request, expected)
            _check_site(request)
            _check_served(request)
            return await answer(request, handler, admission)
        except HTTPException as error:
            return error if error.status < 400 else error_response(request, error)
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            if request.writer.output_size:
                raise  # the answer has begun: all that is left is to cut the connection
            return error_response(request, None)

    return guarded


def _check_host(request: Request) -> None:
    named = request.headers.getall(hdrs.HOST, [])
    if len(named) != 1 or not _is_loopback_host(named[0]):
        raise HTTPMisdirectedRequest(text="This address is not served here.")


def _is_loopback_host(header: str) -> bool:
    host = _HOST.fullmatch(header)
    return host is not None and is_loopback((host["v6"] or host["name"]).lower())


def _check_token(request: Request, expected: bytes) -> None:
    if request.path in WITHOUT_TOKEN:
        return
    shown = _shown_token(request.headers.get(hdrs.AUTHORIZATION, ""))
    # Digests, since comparing texts of different lengths takes a time that tells the length.
    if not hmac.compare_digest(_digest(shown), expected):
        raise HTTPUnauthorized(
            text="Show the web token: as the password (any user name), or as a bearer token.",
            headers={hdrs.WWW_AUTHENTICATE: 'Basic realm="ConScope", charset="UTF-8"'},
        )


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


def _shown_token(authorization: str) -> bytes:
    """The token that the header shows: the bearer's, or the password of HTTP Basic."""
    scheme, _, value = authorization.partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer":
        return value.encode("utf-8", "surrogateescape")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return b""
    return b""


def _check_site(request: Request) -> None:
    """Refuse what another site made the browser send, but for a link that a person follows.

    Programs send none of these headers.
    """
    if not _is_from_elsewhere(request):
        return
    followed = (request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest"))
    if request.method not in READING or followed != ("navigate", "document"):
        raise HTTPForbidden(text="Another site may not do this in your name.")


def _is_from_elsewhere(request: Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get(hdrs.ORIGIN)
    return origin is not None and origin.partition("://")[2] != request.headers.get(hdrs.HOST)


def _check_served(request: Request) -> None:
    resource = request.match_info.route.resource
    if resource is not None and resource.canonical not in SERVED:
        raise HTTPNotFound


def _token() -> str | None:
    secret = app.settings.web_token
    return None if secret is None else secret.get_secret_value()


install(native(app), _token())
serve_with(app, Runner(native(app), access_log=None))
