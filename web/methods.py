"""Which methods an address takes."""

from aiohttp import hdrs
from aiohttp.web import HTTPMethodNotAllowed, Request


def allowed_methods(request: Request) -> str:
    """As the header `Allow` has them."""
    refused = request.match_info.http_exception
    resource = request.match_info.route.resource
    found: set[str] = set()
    if isinstance(refused, HTTPMethodNotAllowed):
        found |= refused.allowed_methods
    elif resource is not None:
        found |= {route.method for route in resource}
    # Faust gives every page a HEAD, which answers as its GET does.
    if hdrs.METH_GET not in found:
        found.discard(hdrs.METH_HEAD)
    return ", ".join(sorted(found | {hdrs.METH_OPTIONS}))
