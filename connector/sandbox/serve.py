"""The HTTP shell around a stand-in CRM: real sockets on the loopback, and nothing of its own to say."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import socketserver
import threading
import traceback
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from io import BufferedIOBase
from types import TracebackType
from typing import Self

from connector.sandbox.wire import Request, Response, Service

BODYLESS = frozenset({204, 304})


def serve(service: Service, *, host: str = "127.0.0.1", port: int = 0) -> Served:
    """Answer HTTP in the background until closed; port 0 takes a free one.

    Raises ValueError for an address that other machines could reach, OSError for a port that is taken.
    """
    if not _is_loopback(host):
        raise ValueError(f"the sandbox answers on the loopback only, not on `{host}`")
    return Served(service, host, port)


class Served:
    """A stand-in CRM that can be reached at `url`; a context manager."""

    def __init__(self, service: Service, host: str, port: int) -> None:
        self._server = _Server(service, host, port)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.server_address[1]}"
        # The pause is how long `close` may have to wait for the accepting thread to notice.
        self._accepting = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Stop listening and hang up on whoever is connected; may be called twice."""
        self._server.shutdown()
        self._accepting.join()
        self._server.server_close()
        self._server.hang_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(socketserver.TCPServer):
    """A thread per connection, each known by its socket so that closing can end it."""

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, service: Service, host: str, port: int) -> None:
        self.service = service
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

    def process_request(self, request: object, client_address: object) -> None:
        """Talk on a thread of its own, so that a keep-alive connection blocks nobody."""
        assert isinstance(request, socket.socket)
        thread = threading.Thread(target=self._talk, args=(request, client_address), daemon=True)
        with self._lock:
            self._open[request] = thread
        thread.start()

    def _talk(self, request: socket.socket, client_address: object) -> None:
        try:
            self.finish_request(request, client_address)
        except OSError:
            pass  # the client hung up, or we did; neither is news
        finally:
            # Still known while it closes: `hang_up` must never touch a number that was given to somebody else.
            with self._lock:
                self.shutdown_request(request)
                del self._open[request]

    def hang_up(self) -> None:
        """Close every connection; a reply that is being worked out gets a second to finish."""
        with self._lock:
            threads = list(self._open.values())
            for request in self._open:
                with contextlib.suppress(OSError):
                    request.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(timeout=1)


class _Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, hands them on, writes each reply in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def handle_any(self) -> None:
        """Whatever the method: what to make of it is the service's business."""
        try:
            body = _body(self.rfile, self.headers.get("Transfer-Encoding", ""), self.headers.get("Content-Length"))
        except ValueError as error:
            self.close_connection = True
            self._reply(Response(400, {"Content-Type": "text/plain"}, str(error).encode()))
            return
        self._reply(self._answer(Request.of(self.command, self.path, dict(self.headers.items()), body)))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any  # noqa: N815

    def _answer(self, request: Request) -> Response:
        try:
            return self.server.service.answer(request)
        except Exception:  # noqa: BLE001 - a fault of the stand-in, shown to whoever provoked it
            return Response(500, {"Content-Type": "text/plain; charset=utf-8"}, traceback.format_exc().encode())

    def _reply(self, response: Response) -> None:
        if response.status == 0:
            self.close_connection = True
            return
        lines = [f"HTTP/1.1 {response.status} {_phrase(response.status)}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        promised = next((int(v) for n, v in response.headers.items() if n.lower() == "content-length"), None)
        if promised is None and response.status not in BODYLESS:
            lines.append(f"Content-Length: {len(response.body)}")
        if promised is not None and promised > len(response.body) and self.command != "HEAD":
            self.close_connection = True  # an answer that is cut short on purpose
        elif self.close_connection:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        silent = self.command == "HEAD" or response.status in BODYLESS
        self.wfile.write(head if silent else head + response.body)

    def log_message(self, *_: object) -> None:
        """Quiet: whoever wants to know asks the service."""


def _body(stream: BufferedIOBase, encoding: str, length: str | None) -> bytes:
    """A request's body, chunked or of a known length. Raises ValueError when it is neither."""
    if encoding.lower() == "chunked":
        return b"".join(iter(lambda: _chunk(stream), b""))
    if encoding:
        raise ValueError(f"transfer encoding `{encoding}` is not understood")
    wanted = int(length or 0)
    if wanted < 0:
        raise ValueError("a body cannot be shorter than nothing")
    body = stream.read(wanted)
    if len(body) < wanted:
        raise ConnectionError("the client hung up in the middle of a body")
    return body


def _chunk(stream: BufferedIOBase) -> bytes:
    """The next chunk; empty at the end, once the trailers are read."""
    size = int(stream.readline().split(b";")[0], 16)
    data = stream.read(size)
    while stream.readline().strip() and not size:
        pass
    return data


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"  # HubSpot's 477, for one


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
