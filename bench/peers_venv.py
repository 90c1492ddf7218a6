"""The virtual environment of the peers that are libraries of Python.

It is not ConScope's own, since Quix Streams and ConScope need versions of pydantic-settings that
exclude each other; and so what a peer installs cannot change what is measured of ConScope.
"""

import hashlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from bench.command import complete
from conscope_app.stream.folder_lock import FolderLock

_PEERS = Path(__file__).parent / "peers"
REQUIREMENTS = _PEERS / "requirements.txt"
PINS = _PEERS / "requirements.lock"
_COMPLETE = "complete"


def prepare(
    folder: Path,
    say: Callable[[str], None] = lambda _: None,
    requirements: Path = REQUIREMENTS,
    pins: Path = PINS,
) -> Path:
    """The Python that runs the peers.

    Safe to call from several processes at once, and after any of them was killed half-way.
    """
    version = hashlib.sha256(
        requirements.read_bytes() + pins.read_bytes() + sys.version.encode()
    ).hexdigest()[:12]
    venv = folder.resolve() / version
    if not (venv / _COMPLETE).exists():
        lock = FolderLock(folder)
        lock.await_turn()
        try:
            if not (venv / _COMPLETE).exists():
                say("installing Faust and Quix Streams")
                _install(venv, requirements, pins)
        finally:
            lock.release()
    return _python(venv)


def _install(venv: Path, requirements: Path, pins: Path) -> None:
    # An environment knows its own path, so it cannot be made elsewhere and then be renamed.
    shutil.rmtree(venv, ignore_errors=True)
    why = "the peers could not be installed"
    complete([sys.executable, "-m", "venv", str(venv)], why)
    pip = [str(_python(venv)), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    complete([*pip, "--requirement", str(requirements), "--constraint", str(pins)], why)
    (venv / _COMPLETE).touch()


def _python(venv: Path) -> Path:
    return venv / "bin" / "python"
