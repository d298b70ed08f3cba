"""Connections over which nothing comes are closed; a slow body is refused."""

import contextlib
import socket
import threading
import time

import pytest
import uvicorn

from marquery.web import limits
from marquery.web.connections import PatientProtocol

from .helpers import make_app


@pytest.fixture(scope="module")
def address(index, tmp_path_factory):
    app = make_app(index, tmp_path_factory.mktemp("patient"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, http=PatientProtocol, log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield listener.getsockname()
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(limits, "BODY_PAUSE_SECONDS", 0.3)
    monkeypatch.setattr(limits, "BODY_SECONDS", 1.0)
    monkeypatch.setattr(limits, "ANSWER_PAUSE_SECONDS", 0.3)


def read_all(connection):
    """What comes until the other side closes."""
    connection.settimeout(15)
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(2**16):
            parts.append(piece)
    return b"".join(parts)


def trickle(connection, pieces, pause=0.1):
    """Send piece by piece until the other side has enough."""
    with contextlib.suppress(ConnectionError):
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)


HEAD = b"POST /api/queries HTTP/1.1\r\nhost: 127.0.0.1\r\n"
FORM = HEAD + b"content-type: multipart/form-data; boundary=b\r\n"


@pytest.mark.parametrize("begun", [b"", b"G", b"GET / HTTP/1.1\r\nhost: 127"])
def test_a_connection_with_half_a_head_is_closed(address, begun):
    with socket.create_connection(address) as connection:
        connection.sendall(begun)
        start = time.monotonic()
        assert read_all(connection) == b""
        assert time.monotonic() - start < 10


def test_a_head_that_comes_byte_by_byte_is_given_up(address):
    with socket.create_connection(address) as connection:
        trickle(connection, [b"GET / HTTP/1.1\r\n", *([b"a: b\r\n"] * 30)])
        assert read_all(connection) == b""


def test_half_a_second_request_is_given_up_too(address):
    with socket.create_connection(address) as connection:
        connection.sendall(b"GET /api/status HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        connection.settimeout(15)
        assert b" 200 " in connection.recv(2**16)
        connection.sendall(b"GET /api/st")
        assert b"HTTP/1.1 " not in read_all(connection)


def test_a_body_that_stops_is_refused_and_the_connection_closed(address):
    with socket.create_connection(address) as connection:
        connection.sendall(FORM + b"content-length: 5000\r\n\r\n--b\r\n")
        assert b" 408 " in read_all(connection)


def test_a_body_that_comes_byte_by_byte_is_refused(address):
    with socket.create_connection(address) as connection:
        head = FORM + b"content-length: 5000\r\n\r\n--b\r\n"
        trickle(connection, [head, *([b"x"] * 40)])
        assert b" 408 " in read_all(connection)


def test_a_chunked_body_over_the_limit_is_refused(address, monkeypatch):
    monkeypatch.setattr(limits, "BODY_BYTES", 2**16)
    piece = b"1000\r\n" + bytes(2**12) + b"\r\n"
    form = b'--b\r\ncontent-disposition: form-data; name="picture"; filename="a"\r\n\r\n'
    start = f"{len(form):x}\r\n".encode() + form + b"\r\n"
    with socket.create_connection(address) as connection:
        trickle(connection, [FORM + b"transfer-encoding: chunked\r\n\r\n", start, *[piece] * 30], 0)
        assert b" 413 " in read_all(connection)


def test_a_body_that_was_answered_already_is_not_waited_for(address):
    with socket.create_connection(address) as connection:
        connection.sendall(
            b"GET /api/status HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 9\r\n\r\n"
        )
        start = time.monotonic()
        assert b" 200 " in read_all(connection)
        assert time.monotonic() - start < 10


def test_a_slow_request_that_comes_whole_is_answered(address, monkeypatch):
    monkeypatch.setattr(limits, "HEAD_SECONDS", 5)
    with socket.create_connection(address) as connection:
        rest = b"Host: 127.0.0.1\r\nconnection: close\r\n\r\n"
        trickle(connection, [b"GET /api/status HTTP/1.1\r\n", *rest.splitlines(keepends=True)])
        assert b" 200 " in read_all(connection)


@pytest.mark.parametrize("says_so", [True, False], ids=["length", "chunked"])
def test_a_client_that_sends_too_much_reads_why_and_is_not_cut_off(address, monkeypatch, says_so):
    monkeypatch.setattr(limits, "BODY_BYTES", 2**20)
    piece = b"x" * 2**16
    start = b'--b\r\ncontent-disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
    with socket.create_connection(address) as connection:
        connection.settimeout(15)
        if says_so:
            connection.sendall(FORM + b"content-length: %d\r\n\r\n" % (160 * 2**16))
        else:
            connection.sendall(FORM + b"transfer-encoding: chunked\r\n\r\n")
            connection.sendall(b"%x\r\n%b\r\n" % (len(start), start))
        for _ in range(160):  # more than the buffers of both sides hold
            connection.sendall(piece if says_so else b"10000\r\n" + piece + b"\r\n")
        connection.sendall(b"" if says_so else b"0\r\n\r\n")
        answer = b""
        while some := connection.recv(2**16):
            answer += some
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"the request is over 1 MiB" in answer


def test_who_never_ends_sending_too_much_is_cut_off(address, monkeypatch):
    monkeypatch.setattr(limits, "BODY_BYTES", 2**20)
    monkeypatch.setattr(limits, "PASSED_SECONDS", 0.3)
    with socket.create_connection(address) as connection:
        connection.sendall(FORM + b"content-length: 9000000000\r\n\r\n")
        start = time.monotonic()
        assert b" 413 " in read_all(connection)
        assert time.monotonic() - start < 10
