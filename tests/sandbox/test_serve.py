"""The HTTP shell around a stand-in CRM, spoken to over real sockets."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connector.sandbox.serve import Served, serve
from connector.sandbox.wire import Request, Response


class Echo:
    """Says what it was asked; a few paths make it misbehave."""

    def answer(self, request: Request) -> Response:
        match request.path:
            case "/lost":
                return Response(0)
            case "/cut":
                return Response(200, {"Content-Length": "100"}, b"only this")
            case "/nothing":
                return Response(204)
            case "/bug":
                raise KeyError("the missing one")
            case "/odd":
                return Response(477, {"Retry-After": "3"}, b"moving")
        said = {
            "method": request.method,
            "path": request.path,
            "query": list(request.query),
            "body": request.body.decode(),
            "agent": request.headers.get("user-agent"),
        }
        return Response(200, {"Content-Type": "application/json"}, json.dumps(said).encode())


@pytest.fixture
def served() -> Iterator[Served]:
    with serve(Echo()) as each:
        yield each


def connect(served: Served) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=5)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_hands_on_method_path_query_headers_and_body(served: Served, method: str) -> None:
    client = connect(served)
    client.request(method, "/a%20b?q=x%26y&q=", body="héé".encode(), headers={"User-Agent": "me"})
    said = json.loads(client.getresponse().read())
    assert said == {"method": method, "path": "/a b", "query": [["q", "x&y"], ["q", ""]], "body": "héé", "agent": "me"}
    client.close()


def test_keeps_the_connection_alive_for_the_next_request(served: Served) -> None:
    client = connect(served)
    client.request("GET", "/one")
    client.getresponse().read()
    before = client.sock
    client.request("GET", "/two")
    assert json.loads(client.getresponse().read())["path"] == "/two"
    assert client.sock is before
    client.close()


def test_reads_a_chunked_body_to_its_end(served: Served) -> None:
    client = connect(served)
    client.request("POST", "/", body=iter([b"one,", b"two,", b"three"]), encode_chunked=True)
    assert json.loads(client.getresponse().read())["body"] == "one,two,three"
    client.request("GET", "/after")
    assert json.loads(client.getresponse().read())["path"] == "/after"
    client.close()


def test_answers_head_with_the_length_and_no_body(served: Served) -> None:
    client = connect(served)
    client.request("HEAD", "/")
    reply = client.getresponse()
    assert int(reply.headers["Content-Length"]) > 0
    assert reply.read() == b""
    client.request("GET", "/next")  # nothing was left in the pipe
    assert json.loads(client.getresponse().read())["path"] == "/next"
    client.close()


def test_answers_no_content_without_a_length(served: Served) -> None:
    client = connect(served)
    client.request("DELETE", "/nothing")
    reply = client.getresponse()
    assert (reply.status, reply.headers["Content-Length"], reply.read()) == (204, None, b"")
    client.close()


def test_hangs_up_without_an_answer_when_the_answer_is_lost(served: Served) -> None:
    client = connect(served)
    client.request("GET", "/lost")
    with pytest.raises(http.client.RemoteDisconnected):
        client.getresponse()


def test_cuts_an_answer_that_promises_more_than_it_holds(served: Served) -> None:
    client = connect(served)
    client.request("GET", "/cut")
    with pytest.raises(http.client.IncompleteRead) as cut:
        client.getresponse().read()
    assert cut.value.partial == b"only this"
    client.close()


def test_shows_a_fault_of_the_service_as_a_server_error(served: Served) -> None:
    client = connect(served)
    client.request("GET", "/bug")
    reply = client.getresponse()
    assert (reply.status, b"the missing one" in reply.read()) == (500, True)
    client.close()


def test_speaks_statuses_that_the_standard_does_not_know(served: Served) -> None:
    client = connect(served)
    client.request("GET", "/odd")
    reply = client.getresponse()
    assert (reply.status, reply.headers["Retry-After"], reply.read()) == (477, "3", b"moving")
    client.close()


@pytest.mark.parametrize("length", [b"many", b"-1"])
def test_refuses_a_body_whose_length_makes_no_sense(served: Served, length: bytes) -> None:
    with socket.create_connection(("127.0.0.1", int(served.url.rsplit(":", 1)[1])), timeout=5) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n")
        assert raw.recv(1000).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "example.com", "::", ""])
def test_refuses_an_address_that_other_machines_could_reach(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        serve(Echo(), host=host)


def test_answers_several_connections_at_once() -> None:
    both = threading.Barrier(2, timeout=5)

    class Meeting:
        def answer(self, request: Request) -> Response:
            both.wait()  # neither is answered before the other has asked
            return Response(200, {}, b"met")

    with serve(Meeting()) as served:
        clients = [connect(served), connect(served)]
        for client in clients:
            client.request("GET", "/")
        assert [client.getresponse().read() for client in clients] == [b"met", b"met"]
        for client in clients:
            client.close()


def open_sockets() -> int:
    return sum(
        str(each.readlink()).startswith("socket:") for each in Path("/proc/self/fd").iterdir() if each.is_symlink()
    )


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts sockets where Linux lists them")
def test_closes_at_once_and_leaves_no_socket_or_thread_behind() -> None:
    sockets, threads = open_sockets(), threading.active_count()
    served = serve(Echo())
    clients = [connect(served) for _ in range(8)]
    for client in clients:
        client.request("GET", "/")
        client.getresponse().read()  # all eight stay connected
    began = time.perf_counter()
    served.close()
    served.close()
    took = time.perf_counter() - began
    for client in clients:
        client.close()
    assert (open_sockets(), threading.active_count()) == (sockets, threads)
    assert took < 0.5
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(served.url.rsplit(":", 1)[1])), timeout=1)


def test_adds_less_than_half_a_millisecond_to_a_request() -> None:
    class Instant:
        def answer(self, request: Request) -> Response:
            return Response(200, {"Content-Type": "text/plain"}, b"x" * 1000)

    ask = b"GET /services/data HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nAccept: */*\r\n\r\n"
    times = []
    with (
        serve(Instant()) as served,
        socket.create_connection(("127.0.0.1", int(served.url.rsplit(":", 1)[1])), timeout=5) as raw,
    ):
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(300):
            began = time.perf_counter()
            raw.sendall(ask)
            received = 0
            while received < 1000:
                received += len(raw.recv(65536))
            times.append(time.perf_counter() - began)
    assert sorted(times)[30] < 0.0005  # an undisturbed one: other work on this machine only ever adds
