"""Which request asks for the next page of a feed."""

from conscope_app.core.refusal import Refused
from conscope_app.sources.adapter import Misread, Request
from conscope_app.sources.feeds.address import Place, follow
from conscope_app.sources.feeds.entry import CursorPaging, LinkPaging, NumberPaging
from conscope_app.sources.feeds.path import Found, parse_path
from conscope_app.sources.feeds.values import text_of

Paged = LinkPaging | CursorPaging | NumberPaging

_LONGEST = 2_000


def first_page(request: Request, paging: Paged | None) -> Request:
    """The request, with the number of the first page where pages have numbers."""
    if isinstance(paging, NumberPaging):
        return _with(request, paging.parameter, str(paging.first))
    return request


def next_page(
    place: Place, paging: Paged, request: Request, root: Found, count: int
) -> Request | None:
    """The request after this one, whose answer had so many items; None after the last page.

    Raises `Misread` where the answer names a next page that nobody can ask for.
    """
    match paging:
        case NumberPaging():
            if count < paging.size:
                return None
            number = int(_value(request, paging.parameter) or paging.first) + paging.step
            return _with(request, paging.parameter, str(number))._replace(page=request.page + 1)
        case CursorPaging():
            cursor = _said(root, paging.path)
            if cursor in ("", "false") or cursor == _value(request, paging.parameter):
                return None
            return _with(request, paging.parameter, cursor)._replace(page=request.page + 1)
        case LinkPaging():
            link = _said(root, paging.path)
            if link in ("", "false"):
                return None
            found = follow(place, request.path, link)
            if found is None:
                raise Misread(f"{paging.path} leads to no page of the same host")
            further = request._replace(path=found[0], query=found[1], page=request.page + 1)
            return None if further._replace(page=request.page) == request else further


def _said(root: Found, path: str) -> str:
    try:
        text = text_of(parse_path(path).read(root))
    except Refused as bad:
        raise Misread(f"{path}: {bad.message}") from None
    if len(text) > _LONGEST:
        raise Misread(f"{path}: it has {len(text):,} characters")
    if any("\ud800" <= each <= "\udfff" for each in text):
        raise Misread(f"{path}: it holds half a character (a lone surrogate)")
    return text


def _value(request: Request, name: str) -> str | None:
    return next((value for each, value in request.query if each == name), None)


def _with(request: Request, name: str, value: str) -> Request:
    others = tuple(pair for pair in request.query if pair[0] != name)
    return request._replace(query=(*others, (name, value)))
