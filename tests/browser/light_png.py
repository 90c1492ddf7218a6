"""A screenshot with a palette: a third of the bytes, for the few colours that a page has."""

import base64
import struct
import zlib
from collections import Counter
from collections.abc import Iterable

from playwright.async_api import Page

_COLOURS = 256  # a palette has no more

# Red, green, blue and alpha of every pixel, by the browser that also made the picture.
_PIXELS = """async (png) => {
    const image = new Image();
    image.src = "data:image/png;base64," + png;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const bytes = context.getImageData(0, 0, image.width, image.height).data;
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    return [image.width, image.height, btoa(text)];
}"""


async def light_screenshot(page: Page, *, tallest: int = 10_000) -> bytes:
    """The page as a PNG, at most so many pixels of it from the top.

    Of more than 256 colours, rare ones become the nearest others.
    """
    taken = page.locator("html")
    box = await taken.bounding_box()
    assert box is not None, "a page without a place"
    height = min(box["height"], tallest)
    shot = await page.screenshot(
        full_page=True, clip={"x": 0, "y": 0, "width": box["width"], "height": height}
    )
    png = base64.b64encode(shot).decode()
    browser = page.context.browser
    assert browser is not None, "a page without a browser"
    # On a page of its own: those of the application take no picture that is not the server's.
    blank = await browser.new_page()
    width, height, pixels = await blank.evaluate(_PIXELS, png)
    await blank.close()
    return with_palette(width, height, base64.b64decode(pixels))


def with_palette(width: int, height: int, rgba: bytes) -> bytes:
    """Opaque pixels as a PNG. https://www.w3.org/TR/png-3/#11Chunks"""
    pixels = [rgba[at : at + 3] for at in range(0, len(rgba), 4)]
    counted = Counter(pixels)
    palette = [colour for colour, _ in counted.most_common(_COLOURS)]
    place = {colour: _nearest(colour, palette) for colour in counted}
    indexes = bytes(place[pixel] for pixel in pixels)
    # Each line begins with its filter: none, which is best for a palette.
    lines = (b"\0" + indexes[at : at + width] for at in range(0, len(indexes), width))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(palette)),
        (b"IDAT", zlib.compress(b"".join(lines), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunks(chunks))


def _nearest(colour: bytes, palette: list[bytes]) -> int:
    def distance(place: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(colour, palette[place], strict=True))

    return min(range(len(palette)), key=distance)


def _chunks(chunks: Iterable[tuple[bytes, bytes]]) -> Iterable[bytes]:
    for kind, data in chunks:
        yield (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )
