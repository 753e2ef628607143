"""What the emulators of this folder share: a server on a loopback port, faults, commands and a log of requests.

Faults. The first part of a path that names one holds for that request ("/500/tsa"); one from "fault NAME[:VALUE][*COUNT]" holds for
COUNT requests, or until "clear". Those that this file knows are about the answer as bytes; a server adds its own.
"""
import http.server
import os
import ssl
import subprocess
import sys
import threading

REQUEST_MOST = 1 << 16
GARBAGE = bytes(range(256)) * 4

BYTES = {
    "silent": "takes the request and never answers",
    "slow": "answers after VALUE seconds (2)",
    "500": "Internal Server Error",
    "503": "Service Unavailable",
    "garbage": "200 with bytes that are nothing",
    "empty": "200 without content",
    "endless": "200 with content that does not end",
    "cut": "promises more than it sends",
    "redirect": "302 to itself",
}


class Fault:
    def __init__(self, words):
        words, _, count = words.partition("*")
        self.name, _, self.value = words.partition(":")
        self.left = int(count) if count else None


class Answer:
    def __init__(self, status, content, kind="text/plain"):
        self.status, self.content, self.kind = status, content, kind


class Peer:
    """`answer(method, path, kind, body, fault)` is what a server does; `faults` are the names of its own, with words."""

    def __init__(self, directory, faults, answer):
        self.directory, self.answer = directory, answer
        self.known = {**BYTES, **faults}
        self.fault, self.ended, self.lock = None, threading.Event(), threading.Lock()
        self.log = open(os.path.join(directory, "requests"), "a", buffering=1)

    def set_fault(self, words):
        fault = Fault(words)
        if fault.name not in self.known:
            raise ValueError(f"no such fault: {fault.name}")
        self.fault = fault

    def take_fault(self, path):
        """The fault of this request, and the path without it."""
        first, _, rest = path.lstrip("/").partition("/")
        if first.partition(":")[0] in self.known:
            return Fault(first), "/" + rest
        with self.lock:
            fault = self.fault
            if fault is not None and fault.left is not None:
                fault.left -= 1
                if fault.left == 0:
                    self.fault = None
        return fault, path

    def wait(self, seconds=None):
        """Not longer than the server lives."""
        self.ended.wait(seconds)


def handler_of(peer):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *words):
            pass

        def reply(self, answer):
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def endless(self):
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            while not peer.ended.is_set():
                self.wfile.write(GARBAGE * 16)

        def cut(self):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(GARBAGE[:10])
            self.close_connection = True

        def fail(self, fault):
            """In the place of an answer."""
            name = fault.name
            if name == "silent":
                peer.wait()
                self.close_connection = True
            elif name in ("500", "503"):
                self.reply(Answer(int(name), b"no\n"))
            elif name == "garbage":
                self.reply(Answer(200, GARBAGE))
            elif name == "empty":
                self.reply(Answer(200, b""))
            elif name == "endless":
                self.endless()
            elif name == "cut":
                self.cut()
            elif name == "redirect":
                self.send_response(302)
                self.send_header("Location", self.path)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def serve(self, method):
            length = self.headers.get("Content-Length", "0")
            size = int(length) if length.isdigit() else REQUEST_MOST + 1
            fault, path = peer.take_fault(self.path)
            if size > REQUEST_MOST:
                self.close_connection = True
                self.reply(Answer(413, b"too large\n"))
                return
            body = self.rfile.read(size)
            if fault is not None and fault.name in BYTES and fault.name != "slow":
                self.note(method, path, "-", fault)
                self.fail(fault)
                return
            if fault is not None and fault.name == "slow":
                peer.wait(float(fault.value or 2))
            answer = peer.answer(method, path, self.headers.get("Content-Type", ""), body, fault)
            self.note(method, path, answer.status, fault)
            self.reply(answer)

        def note(self, method, path, status, fault):
            """Before the answer: whoever has that may look for this."""
            peer.log.write(f"{method} {path} {status} {fault.name if fault else '-'}\n")

        def do_GET(self):
            self.serve("GET")

        def do_POST(self):
            self.serve("POST")

    return Handler


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    tls = None

    def get_request(self):
        connection, address = super().get_request()
        if self.tls is not None:  # the handshake is the connection's own thread's
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # a client may go away
            super().handle_error(request, client_address)


def openssl(*arguments, stdin=None):
    """Its standard output."""
    done = subprocess.run(["openssl", *arguments], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr.decode(errors='replace')}")
    return done.stdout


EC = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
RSA = ("rsa:2048",)


def make_ca(directory, name):
    """NAME.pem and NAME.key, with which make_certificate() signs."""
    base = os.path.join(directory, name)
    if not os.path.exists(base + ".pem"):
        openssl("req", "-x509", "-newkey", *EC, "-nodes", "-days", "30", "-subj", f"/CN=Test {name}",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", base + ".key", "-out", base + ".pem")
    return base


def make_certificate(directory, ca, name, extensions, algorithm=EC):
    """NAME.pem and NAME.key by the CA, with these lines of OpenSSL's configuration."""
    base = os.path.join(directory, name)
    if not os.path.exists(base + ".pem"):
        with open(base + ".ext", "w") as file:
            file.write("\n".join(("basicConstraints=critical,CA:FALSE", *extensions)) + "\n")
        openssl("req", "-new", "-newkey", *algorithm, "-nodes", "-subj", f"/CN=Test {name}",
                "-keyout", base + ".key", "-out", base + ".csr")
        openssl("x509", "-req", "-in", base + ".csr", "-CA", ca + ".pem", "-CAkey", ca + ".key", "-CAcreateserial", "-days", "30",
                "-extfile", base + ".ext", "-out", base + ".pem")
    return base


def make_tls(directory):
    """A context for 127.0.0.1 and localhost; clients trust DIRECTORY/tls-ca.pem."""
    ca = make_ca(directory, "tls-ca")
    base = make_certificate(directory, ca, "tls", ("keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth",
                                                   "subjectAltName=IP:127.0.0.1,DNS:localhost"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(base + ".pem", base + ".key")
    return context


def run(peer, port, tls, facts, commands):
    """Serve until "end", or the end of the standard input. `facts` are printed as "name value" before "ready"; `commands` are name to function of one
    argument, whose result is printed behind "ok"."""
    server = Server(("127.0.0.1", port), handler_of(peer))
    server.tls = tls
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, value in (("port", server.server_address[1]), *facts):
        print(name, value)
    print("ready", flush=True)
    for line in sys.stdin:
        verb, _, rest = line.strip().partition(" ")
        if verb == "end":
            break
        try:
            if verb == "fault":
                result = peer.set_fault(rest)
            elif verb == "clear":
                peer.fault = result = None
            else:
                result = commands[verb](rest)
            print("ok" if result is None else f"ok {result}", flush=True)
        except (KeyError, ValueError, RuntimeError, OSError) as error:
            print("no", *str(error).split(), flush=True)
    peer.ended.set()
