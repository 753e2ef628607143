"""Bytes: TLS, HTTP/1.1 as servers speak it that are not well made, and the proxy that leads to all hosts."""
import http
import os
import socket
import ssl
import struct
import subprocess
import threading
import time

import faults
from world import Answer, Request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEAD_MOST = 1 << 17


def make_pki(directory, names):
    """A certificate for all names, made anew when they are others than those that are there."""
    listed = os.path.join(directory, "names")
    known = None
    if os.path.exists(listed):
        with open(listed) as file:
            known = file.read().split()
    if known != names:
        subprocess.run([os.path.join(ROOT, "certs", "make-test-pki"), "--force", directory, "site=" + ",".join(names)], check=True,
                       stdout=subprocess.DEVNULL)
        with open(listed, "w") as file:
            file.write("\n".join(names) + "\n")
    return directory


class Reader:
    """Lines, counts and chunks of a connection."""

    def __init__(self, conn):
        self.conn, self.rest = conn, b""

    def more(self):
        piece = self.conn.recv(1 << 18)
        if not piece:
            raise EOFError
        self.rest += piece

    def until(self, mark, most=HEAD_MOST):
        while mark not in self.rest:
            if len(self.rest) > most:
                raise EOFError
            self.more()
        before, self.rest = self.rest.split(mark, 1)
        return before

    def take(self, count):
        while len(self.rest) < count:
            self.more()
        piece, self.rest = self.rest[:count], self.rest[count:]
        return piece

    def head(self):
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        return method, target, [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]

    def body(self, fields):
        kept = {name.lower(): value for name, value in fields}
        if "transfer-encoding" not in kept:
            return self.take(int(kept.get("content-length", "0")))
        body = b""
        while size := int(self.until(b"\r\n"), 16):
            body += self.take(size)
            self.take(2)
        self.until(b"\r\n")
        return body


def stall(conn):
    """Until the other side is tired of it."""
    while conn.recv(4096):
        pass
    raise EOFError


def end(conn, how):
    if how == "stall":
        stall(conn)
    if how == "reset":
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise EOFError


def ranged(request, answer):
    """A 206 where the rule allows it and the range is one."""
    wanted = request.field("range", "")
    if not answer.ranges or answer.status != 200 or not wanted.startswith("bytes=") or "," in wanted:
        return
    body = answer.whole()
    first, _, last = wanted[6:].partition("-")
    if not first.isdigit() or int(first) >= len(body):
        return
    last = min(int(last), len(body) - 1) if last.isdigit() else len(body) - 1
    answer.status, answer.body = 206, body[int(first):last + 1]
    answer.fields.append(("Content-Range", f"bytes {first}-{last}/{len(body)}"))


def head_of(request, answer, sending):
    fields = list(answer.fields)
    try:
        words = http.HTTPStatus(answer.status).phrase
    except ValueError:
        words = "Said"
    if answer.type is not None:
        fields.insert(0, ("Content-Type", answer.type))
    if answer.unconfirmed:
        fields.append(("X-Emulator-Unconfirmed", "1"))
    if isinstance(answer.body, bytes):
        fields.append(("Content-Length", str(max(0, len(answer.body) + sending.length_off))))
    else:
        fields.append(("Transfer-Encoding", "chunked"))
    return (f"HTTP/1.1 {answer.status} {words}\r\n" + "".join(f"{n}: {v}\r\n" for n, v in fields) + "\r\n").encode("utf-8")


def pieces_of(answer, sending):
    size, pause = sending.pieces or (1 << 16, 0)
    for piece in [answer.body] if isinstance(answer.body, bytes) else answer.body:
        for at in range(0, len(piece), size):
            yield piece[at:at + size]
            if pause:
                time.sleep(pause)  # the fault itself: a server that drips


def send(conn, request, answer, sending):
    time.sleep(sending.delay_s)  # the fault itself: a server that is slow
    if sending.stop_after is not None and sending.stop_after < 0:
        end(conn, sending.ends)
    conn.sendall(head_of(request, answer, sending))
    if request.method == "HEAD":
        return
    is_chunked, left = not isinstance(answer.body, bytes), sending.stop_after
    for piece in pieces_of(answer, sending):
        piece = piece if left is None else piece[:left]
        if piece:
            conn.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
        if left is not None:
            left -= len(piece)
            if left <= 0:
                break
    if sending.stop_after is not None:
        end(conn, sending.ends)
    if is_chunked:
        conn.sendall(b"0\r\n\r\n")
    if sending.length_off:
        raise EOFError


class Server:
    def __init__(self, world, pki, log):
        self.world, self.log, self.log_lock = world, log, threading.Lock()
        world.log = log
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(os.path.join(pki, "site", "tls.pem"), os.path.join(pki, "site", "tls.key"))
        open(log, "a").close()

    def listen(self, port):
        sock = socket.create_server(("127.0.0.1", port), backlog=128)
        threading.Thread(target=self.accept, args=(sock,), daemon=True).start()
        return sock.getsockname()[1]

    def accept(self, sock):
        while True:
            raw, _ = sock.accept()
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.talk, args=(raw,), daemon=True).start()

    def talk(self, raw):
        conn = None
        try:
            # 22: a TLS record. Anything else is a CONNECT, behind which TLS begins here all the same
            if raw.recv(1, socket.MSG_PEEK) != b"\x16":
                Reader(raw).head()
                raw.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            conn = self.context.wrap_socket(raw, server_side=True)
            reader = Reader(conn)
            while self.serve(conn, reader):
                pass
        except (EOFError, OSError, ValueError):
            pass
        finally:
            (conn or raw).close()

    def serve(self, conn, reader):
        method, target, fields = reader.head()
        name = next((v for n, v in fields if n.lower() == "host"), "").split(":")[0].lower()
        request = Request(name, method, target, fields, reader.body(fields))
        host, sending = self.world.hosts.get(name), faults.Sending()
        self.world.note(request)
        fault = self.world.faults.take(request) if host else None
        answer = self.answer_of(host, request)
        ranged(request, answer)
        if fault:
            answer = faults.KINDS[fault[0]](request, answer, sending, fault[1])
        self.write_log(request, answer, fault)
        send(conn, request, answer, sending)
        return request.field("connection", "").lower() != "close"

    def answer_of(self, host, request):
        if host is None:
            return Answer(421, "no such host here\n", "text/plain")
        try:
            return host.answer(request, self.world)
        except Exception as wrong:  # noqa: BLE001 - a rule that is wrong must be seen, and must not look like a fault
            return Answer(500, f"emulator: {type(wrong).__name__}: {wrong}\n", "text/plain", [("X-Emulator-Broken", "1")])

    def write_log(self, request, answer, fault):
        line = " ".join([request.host, request.method, request.target, str(answer.status), ":".join(fault) if fault else "-"])
        with self.log_lock, open(self.log, "a", encoding="utf-8") as log:
            log.write(" | ".join([line] + [f"{n}: {v}" for n, v in request.fields]) + "\n")
