"""What every answer tells the browser not to do."""

from aiohttp import hdrs
from aiohttp.web import Request, StreamResponse

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


async def add_security_headers(request: Request, response: StreamResponse) -> None:
    """Signal handler of `on_response_prepare`: also reaches errors, files and streams."""
    response.headers.update(SECURITY_HEADERS)
    response.headers.pop(hdrs.SERVER, None)
    versioned = request.path.startswith("/static/") and "v" in request.query
    kept = versioned and response.status in (200, 206, 304)
    response.headers[hdrs.CACHE_CONTROL] = FOR_EVER if kept else NOT_KEPT
