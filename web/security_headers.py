"""What every answer tells the browser not to do."""

from aiohttp import hdrs
from aiohttp.web import Request, StreamResponse

from web.etags import READING

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

# The pages link to static files by a hash of their content, so a copy never goes stale.
FOR_EVER = "public, max-age=31536000, immutable"
NOT_KEPT = "no-store"
# What the API answers with an ETag: by who asked alone, and only to ask whether it is still so.
ASKED_ANEW = "private, no-cache"


async def add_security_headers(request: Request, response: StreamResponse) -> None:
    """Signal handler of `on_response_prepare`: also reaches errors, files and streams."""
    response.headers.update(SECURITY_HEADERS)
    response.headers.pop(hdrs.SERVER, None)
    response.headers[hdrs.CACHE_CONTROL] = _kept(request, response)


def _kept(request: Request, response: StreamResponse) -> str:
    if response.status not in (200, 206, 304):
        return NOT_KEPT
    if request.path.startswith("/static/") and "v" in request.query:
        return FOR_EVER
    has_tag = hdrs.ETAG in response.headers and request.method in READING
    return ASKED_ANEW if has_tag and request.path.startswith("/api/") else NOT_KEPT
