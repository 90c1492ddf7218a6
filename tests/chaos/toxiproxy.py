"""Toxiproxy between a worker and a server: a network that is slow, cut, or resets connections.

Built by `go install` at its published version, once, beside the other fetched artifacts.
"""

import json
import os
import shutil
import subprocess
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conscope_app.local.child import Child
from conscope_app.local.ports import free_port
from tests.broker.pipeline import eventually

MODULE = "github.com/Shopify/toxiproxy/v2/cmd/server"
VERSION = "v2.5.0"
_BUILD_S = 300


def build(folder: Path) -> Path:
    """The program; built where it is not there yet."""
    program = folder / f"toxiproxy-{VERSION}"
    if program.exists():
        return program
    go = shutil.which("go")
    assert go is not None, "asked for without Go"
    stage = folder / "toxiproxy.part"
    stage.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [go, "install", f"{MODULE}@{VERSION}"],
        env={**os.environ, "GOBIN": str(stage)},  # noqa: TID251 Go needs its own settings
        check=True,
        timeout=_BUILD_S,
        capture_output=True,
    )
    (stage / "server").rename(program)
    shutil.rmtree(stage)
    return program


class Toxiproxy:
    """One proxy in front of one port of this machine."""

    def __init__(self, program: Path, folder: Path, *, upstream_port: int) -> None:
        self.port = free_port()
        self._api = free_port()
        self._upstream = f"127.0.0.1:{upstream_port}"
        self._program = program
        self._folder = folder
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self._child = Child.start(
            [str(self._program), "-host", "127.0.0.1", "-port", str(self._api)],
            log=self._folder / "toxiproxy.log",
            cwd=Path("/"),
            environment={"PATH": "/usr/bin:/bin"},
        )
        eventually(self._answers, within_s=20, what="Toxiproxy answers")
        listen = f"127.0.0.1:{self.port}"
        self._say("POST", "/proxies", {"name": "way", "listen": listen, "upstream": self._upstream})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._child is not None:
            self._child.stop()

    def add(self, kind: str, *, stream: str = "downstream", **attributes: int) -> None:
        """Add a toxic: `latency` (latency, jitter), `reset_peer` (timeout), `timeout`, …"""
        toxic = {"name": kind, "type": kind, "stream": stream, "attributes": attributes}
        self._say("POST", "/proxies/way/toxics", toxic)

    def remove(self, kind: str) -> None:
        """Take a toxic away."""
        self._say("DELETE", f"/proxies/way/toxics/{kind}")

    def _answers(self) -> bool:
        try:
            self._say("GET", "/version")
        except OSError:
            return False
        return True

    def _say(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self._api}{path}"
        request = urllib.request.Request(url, data=data, method=method)
        with urllib.request.urlopen(request, timeout=5) as answer:
            answer.read()
