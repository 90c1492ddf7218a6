"""Whole answers, unpacked, within a time and a size; anything else is an error of its own."""

import gzip
import socket
import threading
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.http.fetching import (
    BrokeOff,
    Fetcher,
    NoAnswer,
    NotReached,
    TooLarge,
    TooSlow,
    unpack,
)

BODY = b'{"events": []}' * 500
KEY = "hush-hush"


def packed(body: bytes, wbits: int) -> bytes:
    packing = zlib.compressobj(wbits=wbits)
    return packing.compress(body) + packing.flush()


def said(body: bytes, *headers: str, length: int | None = None) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {length or len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def a_vendor(answer: bytes, *, holds: bool = False) -> AsyncIterator[Fetcher]:
    """Somebody who answers one request like that, and, if it `holds`, says nothing more."""
    over = threading.Event()

    def serve(listener: socket.socket) -> None:
        stream, _ = listener.accept()
        with stream, suppress(OSError):
            while (heard := stream.recv(65_536)) and b"\r\n\r\n" not in heard:
                pass
            stream.sendall(answer)
            if holds:
                over.wait(10)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=[listener])
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        fetcher = Fetcher(url, connect_s=1, answer_s=0.5, most_bytes=10_000, private=True)
        try:
            yield fetcher
        finally:
            over.set()
            await fetcher.close()
            thread.join(10)
            assert not thread.is_alive()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(said(BODY), id="as it is"),
        pytest.param(said(gzip.compress(BODY), "Content-Encoding: gzip"), id="gzip"),
        pytest.param(
            said(gzip.compress(BODY[:99]) + gzip.compress(BODY[99:]), "Content-Encoding: gzip"),
            id="gzip in two members",
        ),
        pytest.param(said(packed(BODY, 15), "Content-Encoding: deflate"), id="zlib"),
        pytest.param(said(packed(BODY, -15), "Content-Encoding: deflate"), id="bare deflate"),
    ],
)
async def test_an_answer_is_had_whole(answer: bytes) -> None:
    """However it was packed, within what was asked for."""
    async with a_vendor(answer) as fetcher:
        response = await fetcher.get("/events", {})

    assert (response.status, response.body) == (200, BODY)


@pytest.mark.parametrize(
    ("answer", "holds", "kind"),
    [
        pytest.param(said(BODY, length=9_000), False, BrokeOff, id="half a body"),
        pytest.param(said(BODY, length=9_000), True, TooSlow, id="a body that never ends"),
        pytest.param(b"", False, BrokeOff, id="hangs up"),
        pytest.param(b"", True, TooSlow, id="silence"),
        pytest.param(said(bytes(10_001)), False, TooLarge, id="longer than allowed"),
        pytest.param(
            said(gzip.compress(bytes(10_001)), "Content-Encoding: gzip"),
            False,
            TooLarge,
            id="longer than allowed when unpacked",
        ),
        pytest.param(
            said(gzip.compress(BODY)[:-9], "Content-Encoding: gzip"),
            False,
            BrokeOff,
            id="half gzip",
        ),
        pytest.param(said(BODY, "Content-Encoding: gzip"), False, BrokeOff, id="no gzip at all"),
        pytest.param(said(BODY, "Content-Encoding: br"), False, BrokeOff, id="packed otherwise"),
    ],
)
async def test_what_is_no_whole_answer_is_an_error(
    answer: bytes, holds: bool, kind: type[NoAnswer]
) -> None:
    """Half a body looks like a market with half its offers: it is never handed on."""
    async with a_vendor(answer, holds=holds) as fetcher:
        with pytest.raises(NoAnswer) as caught:
            await fetcher.get(f"/events?key={KEY}", {})

    assert type(caught.value) is kind


async def test_no_error_names_what_was_asked() -> None:
    """The key stands in it."""
    async with a_vendor(said(BODY)) as fetcher:
        with pytest.raises(BrokeOff) as caught:
            await fetcher.get(f"/events?key={KEY}\n", {})

    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


async def test_our_own_network_is_not_asked() -> None:
    """A vendor's name that resolves to this machine is not spoken to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        fetcher = Fetcher(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(NotReached, match="PrivateAddress"):
            await fetcher.get("/", {})
        await fetcher.close()


@given(body=st.binary(max_size=2_000), most=st.integers(1, 2_000), wbits=st.sampled_from([15, 31]))
def test_unpacking_is_bounded(body: bytes, most: int, wbits: int) -> None:
    """A few bytes can stand for gigabytes: more than was allowed is never made."""
    assert unpack(packed(body, wbits), most) == (body if len(body) <= most else None)
