"""ETags of what the API answers: who has it already is not sent it again."""

import hashlib
import re

import msgspec
from aiohttp import hdrs
from aiohttp.web import Request, Response, StreamResponse

READING = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})

# `as_of` is when an answer was put together, which alone is no news.
_MOMENT = "as_of"
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])

_TAG = re.compile(r'(?:W/)?("[^"]*")')


def known_or(request: Request, response: StreamResponse) -> StreamResponse:
    """The answer with its ETag, or 304 and no body for who has shown that ETag.

    Of what changes something, of streams and of what was not found nothing is marked. An answer
    that brings its ETag (a watch's version) is left as it is: more than the version may be news.
    """
    if request.method not in READING or response.status != 200 or hdrs.ETAG in response.headers:
        return response
    if not isinstance(response, Response) or not isinstance(response.body, bytes | bytearray):
        return response
    tag = tag_of(bytes(response.body), response.content_type)
    response.headers[hdrs.ETAG] = tag
    shown = request.headers.get(hdrs.IF_NONE_MATCH)
    if shown is None or not _names(shown, tag):
        return response
    return Response(status=304, headers={hdrs.ETAG: tag})


def tag_of(body: bytes, content_type: str) -> str:
    """The ETag of a body. It is weak where the body says `as_of` when it was put together."""
    if content_type == "application/json" and body.startswith(b"{"):
        fields = _FIELDS.decode(body)
        if fields.pop(_MOMENT, None) is not None:
            return f"W/{_digest(*(part for pair in fields.items() for part in _bytes(*pair)))}"
    return _digest(body)


def _bytes(name: str, value: msgspec.Raw) -> tuple[bytes, bytes]:
    return name.encode(), bytes(value)


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
        digest.update(b"\0")
    return f'"{digest.hexdigest()[:32]}"'


# https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match: whether weak makes no difference.
def _names(shown: str, tag: str) -> bool:
    opaque = tag.removeprefix("W/")
    return shown.strip() == "*" or opaque in _TAG.findall(shown)
