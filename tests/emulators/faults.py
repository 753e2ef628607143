"""What goes wrong between an endpoint and who asks it.

A fault is NAME[:ARGUMENT][*TIMES]: once with *1, always without. It is looked up by host and path when a request comes, and changes the
answer of the rule (a function of request, answer and argument that gives an answer), or how that is sent (a Sending).
"""
import email.utils
import fnmatch
import gzip
import threading
import time


class Sending:
    """How an answer is sent, when not simply so."""

    def __init__(self):
        self.delay_s = 0.0  # before the first byte
        self.stop_after = None  # bytes of the body
        self.ends = "close"  # what happens then: close, reset, stall
        self.length_off = 0  # what Content-Length is wrong by
        self.pieces = None  # (bytes, seconds): dripped


def truncate(request, answer, sending, argument):
    """truncate:N - the connection ends behind N bytes of the body"""
    sending.stop_after = int(argument or 10)
    return answer


def stall(request, answer, sending, argument):
    """stall[:N] - nothing more comes behind N bytes of the body; without N, nothing at all"""
    sending.stop_after, sending.ends = (int(argument) if argument else -1), "stall"
    return answer


def reset(request, answer, sending, argument):
    """reset[:N] - the connection is reset behind N bytes of the body; without N, before the answer"""
    sending.stop_after, sending.ends = (int(argument) if argument else -1), "reset"
    return answer


def wrong_length(request, answer, sending, argument):
    """wrong-length[:N] - Content-Length is wrong by N (100): too long, the end is missing; too short, with N below 0"""
    answer.whole()
    sending.length_off = int(argument or 100)
    return answer


def slow(request, answer, sending, argument):
    """slow:S - S seconds before the answer"""
    sending.delay_s = float(argument or 1)
    return answer


def drip(request, answer, sending, argument):
    """drip:MS - the body comes in pieces of 1 KiB, MS milliseconds apart"""
    sending.pieces = (1024, float(argument or 10) / 1000)
    return answer


def cut(request, answer, sending, argument):
    """cut:N - only the first N bytes of the body, as if they were all: length and end are right"""
    answer.body = answer.whole()[:int(argument or 10)]
    return answer


def gzip_undeclared(request, answer, sending, argument):
    """gzip-undeclared - compressed, and no field says so"""
    answer.body = gzip.compress(answer.whole(), mtime=0)
    return answer


def gzip_declared(request, answer, sending, argument):
    """gzip - compressed, and it says so, asked for or not"""
    answer.body = gzip.compress(answer.whole(), mtime=0)
    answer.fields.append(("Content-Encoding", "gzip"))
    return answer


def zstd_undeclared(request, answer, sending, argument):
    """zstd-undeclared - a zstd frame, and no field says so"""
    body = answer.whole()[:1 << 16]
    # one raw block: magic, a frame header with single segment and four bytes of size, the block
    answer.body = b"\x28\xb5\x2f\xfd\xa0" + len(body).to_bytes(4, "little") + ((len(body) << 3) | 1).to_bytes(3, "little") + body
    return answer


def _moved(answer, location):
    answer.status, answer.body, answer.type = 302, b"moved", "text/plain"
    answer.fields = [("Location", location)]
    return answer


def http_redirect(request, answer, sending, argument):
    """http-redirect - 302 to the same place by http"""
    return _moved(answer, f"http://{request.host}{request.target}")


def foreign_redirect(request, answer, sending, argument):
    """foreign-redirect[:HOST] - 302 to a host that nobody listed"""
    return _moved(answer, f"https://{argument or 'elsewhere.test'}{request.target}")


def _later(status, value, answer):
    answer.status, answer.type, answer.body = status, "text/plain", b"later\n"
    answer.fields = [("Retry-After", value)] if value else []
    return answer


def _date(argument, seconds):
    return email.utils.formatdate(time.time() + int(argument or seconds), usegmt=True)


def s429(request, answer, sending, argument):
    """429 - too many requests, and not for how long"""
    return _later(429, None, answer)


def s429_seconds(request, answer, sending, argument):
    """429-seconds[:N] - too many requests; Retry-After in seconds"""
    return _later(429, argument or "120", answer)


def s429_date(request, answer, sending, argument):
    """429-date[:N] - too many requests; Retry-After is a date, N seconds from now"""
    return _later(429, _date(argument, 3600), answer)


def s503(request, answer, sending, argument):
    """503 - not now, and not for how long"""
    return _later(503, None, answer)


def s503_seconds(request, answer, sending, argument):
    """503-seconds[:N] - not now; Retry-After in seconds"""
    return _later(503, argument or "120", answer)


def s503_date(request, answer, sending, argument):
    """503-date[:N] - not now; Retry-After is a date, N seconds from now"""
    return _later(503, _date(argument, 3600), answer)


def status(request, answer, sending, argument):
    """status:N - that status, with a page for people"""
    answer.status, answer.type, answer.fields = int(argument or 500), "text/html", []
    answer.body = b"<html><body><h1>Something went wrong</h1></body></html>"
    return answer


def html(request, answer, sending, argument):
    """html - 200, and a page for people"""
    answer.status, answer.type, answer.fields = 200, "text/html; charset=utf-8", []
    answer.body = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><p>Please choose.</p></body></html>\n"
    return answer


def empty(request, answer, sending, argument):
    """empty - 200 and no bytes"""
    answer.status, answer.body = 200, b""
    return answer


def challenge(request, answer, sending, argument):
    """challenge - 202, x-amzn-waf-action, no bytes: a firewall wants a browser"""
    answer.status, answer.type, answer.body = 202, "text/html", b""
    answer.fields = [("Server", "awselb/2.0"), ("x-amzn-waf-action", "challenge")]
    return answer


def challenge_page(request, answer, sending, argument):
    """challenge-page - 202 and a page that runs a script of the firewall"""
    answer.status, answer.type, answer.fields = 202, "text/html", [("Server", "awselb/2.0")]
    answer.body = b'<html><head><script>window.gokuProps = {};</script><script src="/challenge.js"></script></head></html>'
    return answer


def control_character(request, answer, sending, argument):
    """control-character[:N] - a 0x0B in the body, at byte N (its middle)"""
    body = answer.whole()
    at = int(argument) if argument else len(body) // 2
    answer.body = body[:at] + b"\x0b" + body[at:]
    return answer


def entity_bomb(request, answer, sending, argument):
    """entity-bomb - XML whose entities would be 3 GB"""
    lines = ["<?xml version='1.0'?>", "<!DOCTYPE b [", " <!ENTITY a0 'aaaaaaaaaa'>"]
    lines += [f" <!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 10)]
    answer.status, answer.type = 200, "text/xml"
    answer.body = "\n".join(lines + ["]>", "<b>&a9;</b>"]).encode()
    return answer


def deep(request, answer, sending, argument):
    """deep:N - N elements or arrays in each other (10,000), XML or JSON as the answer would be"""
    count, body = int(argument or 10000), answer.whole()
    is_json = "json" in (answer.type or "") or body[:1] in (b"{", b"[")
    answer.status = 200
    answer.body = b"[" * count + b"]" * count if is_json else b"<?xml version='1.0'?>" + b"<a>" * count + b"</a>" * count
    return answer


KINDS = {
    "truncate": truncate, "stall": stall, "reset": reset, "wrong-length": wrong_length, "slow": slow, "drip": drip, "cut": cut,
    "gzip-undeclared": gzip_undeclared, "gzip": gzip_declared, "zstd-undeclared": zstd_undeclared, "http-redirect": http_redirect,
    "foreign-redirect": foreign_redirect, "429": s429, "429-seconds": s429_seconds, "429-date": s429_date, "503": s503,
    "503-seconds": s503_seconds, "503-date": s503_date, "status": status, "html": html, "empty": empty, "challenge": challenge,
    "challenge-page": challenge_page, "control-character": control_character, "entity-bomb": entity_bomb, "deep": deep,
}


def fits(glob, target):
    """A glob without "?" is of the path alone; one with it, of path and query: "?" is itself there."""
    if "?" not in glob:
        return fnmatch.fnmatchcase(target.partition("?")[0], glob)
    return fnmatch.fnmatchcase(target.replace("?", "\0"), glob.replace("?", "\0"))


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.list = []

    def add(self, words):
        place, is_there, what = words.rpartition("=")
        host, _, glob = place.partition(":")
        what, _, times = what.partition("*")
        name, _, argument = what.partition(":")
        if not is_there or not glob or name not in KINDS or (times and not times.isdigit()):
            raise ValueError(f"not HOST:GLOB=FAULT, or no such fault: {words}")
        with self.lock:
            self.list.append([host, glob, name, argument, int(times) if times else None])

    def clear(self):
        with self.lock:
            self.list.clear()

    def take(self, request):
        """(name, argument) of the first that fits, counted; or None."""
        with self.lock:
            for fault in self.list:
                host, glob, name, argument, left = fault
                if left == 0 or not fnmatch.fnmatchcase(request.host, host) or not fits(glob, request.target):
                    continue
                if left is not None:
                    fault[4] -= 1
                return name, argument
        return None
