"""The static files: what they weigh, and that a wheel has all of them."""

import gzip
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.client import BUILT, needs_client
from tests.web.site import Site
from web.assets import STATIC, built

ROOT = STATIC.parents[1]
MOST_BYTES = 120_000  # of all scripts and styles, compressed: issue 7


def test_all_scripts_and_styles_are_light() -> None:
    """Compressed as a browser would fetch them, each once."""
    needs_client()
    served = [path for path in STATIC.rglob("*") if path.suffix in (".js", ".css")]

    weights = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in served}

    assert {"charts.js", "charts.css", "htmx.js", "live.js"} <= weights.keys()
    assert sum(weights.values()) < MOST_BYTES, weights


def test_what_is_bundled_goes_with_its_licences() -> None:
    """MIT asks for it."""
    needs_client()
    text = (BUILT / "licences.txt").read_text()

    assert "uplot 1." in text
    assert "Leon Sorokin" in text
    assert "htmx.org 2." in text


def test_the_lock_file_names_no_host() -> None:
    """A version and a hash are all; where packages are fetched from is the machine's affair."""
    lock = (ROOT / "web/client/package-lock.json").read_text()

    assert '"integrity": "sha512-' in lock
    assert "resolved" not in lock
    assert "://" not in lock


def test_a_file_that_was_not_built_has_no_address() -> None:
    """So a template leaves its script out, instead of failing."""
    assert built("none.js") is None


@pytest.mark.asyncio(loop_scope="session")
async def test_a_built_file_is_served_compressed_and_kept(site: Site) -> None:
    """Its address changes with its content."""
    needs_client()
    address = built("charts.js")
    assert address is not None

    async with (
        ClientSession(site.url, auto_decompress=False) as client,
        client.get(address, headers={"Accept-Encoding": "gzip"}) as answer,
    ):
        body = await answer.read()

    assert answer.status == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(body) == (BUILT / "charts.js").read_bytes()


def test_a_wheel_has_every_static_file(tmp_path: Path) -> None:
    """And nothing of what they are built from. No Node runs here: the client is current."""
    needs_client()
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet"]
    done = subprocess.run(
        [*command, "--wheel-dir", str(tmp_path), str(ROOT)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")

    names = set(zipfile.ZipFile(wheel).namelist())

    expected = {str(path.relative_to(ROOT)) for path in STATIC.rglob("*") if path.is_file()}
    assert expected <= names
    assert not [name for name in names if name.startswith("web/client/")]
