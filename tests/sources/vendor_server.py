"""A vendor behind a socket, for `SmallAdapter`: one event, whose price everybody may know."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec

from conscope_app.core.clock import utc_now
from tests.sources.polling.adapters import Item


@contextmanager
def a_vendor(event_id: str) -> Iterator[tuple[str, list[str]]]:
    """Its address, and the targets that it is asked for."""
    asked: list[str] = []
    starts_at = utc_now() + timedelta(hours=5)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            body = msgspec.json.encode([Item(event_id, starts_at, 50)])  # type: ignore[arg-type]
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
