"""What the rules of hosts stand on: requests, answers, hosts, eras, settings, counters.

A host is a module in hosts/ with a list HOSTS of Host. A rule is a function of a request and the world that gives an Answer; the first
rule whose method and path fit is asked, and a rule that gives None passes on to the next.
"""
import fnmatch
import importlib
import os
import pkgutil
import threading
import time
import urllib.parse

import faults
import hosts


class Request:
    """What was asked: method, host, path (not unescaped), query as a list of pairs, fields, body."""

    def __init__(self, host, method, target, fields, body):
        self.host, self.method, self.target, self.fields, self.body = host, method, target, fields, body
        self.path, _, self.query_text = target.partition("?")
        self.query = urllib.parse.parse_qsl(self.query_text, keep_blank_values=True)

    def get(self, name, otherwise=None):
        """The first parameter of that name."""
        return next((value for key, value in self.query if key == name), otherwise)

    def all(self, name):
        return [value for key, value in self.query if key == name]

    def form(self):
        """The pairs of a body that is a form."""
        return urllib.parse.parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def field(self, name, otherwise=None):
        """A header field, whatever the case of its name."""
        return next((value for key, value in self.fields if key.lower() == name.lower()), otherwise)

    def parts(self):
        """Of the path, unescaped: "/doc/a%2Fb" gives ["doc", "a/b"]."""
        return [urllib.parse.unquote(part) for part in self.path.split("/")[1:]]


class Answer:
    """status, body (bytes, text, or an iterator of bytes: sent in chunks), content type, more fields.

    unconfirmed: nobody recorded what the real service answers here; the answer says so in X-Emulator-Unconfirmed.
    ranges: whether a Range is honoured with 206.
    """

    def __init__(self, status=200, body=b"", type=None, fields=(), unconfirmed=False, ranges=False):
        self.status, self.type, self.unconfirmed, self.ranges = status, type, unconfirmed, ranges
        self.body = body.encode() if isinstance(body, str) else body
        self.fields = list(fields)

    def whole(self):
        """The body as bytes, for faults that look into it."""
        if not isinstance(self.body, bytes):
            self.body = b"".join(self.body)
        return self.body


class Era:
    def __init__(self, choices):
        self.choices = choices
        self.now = choices[-1]


class Host:
    """Host("documents.un.org", "www.example.org", era=("ods", "2024", "2026-09")): the last era is the one that holds."""

    def __init__(self, *names, era=None):
        self.names, self.rules = names, []
        self.era_name = era[0] if era else None
        self.era_choices = list(era[1:]) if era else []

    def rule(self, method, glob):
        """For @host.rule("GET", "/api/*"); method "*" is any. HEAD is answered as GET without its body."""

        def add(function):
            self.rules.append((method, glob, function))
            return function

        return add

    def answer(self, request, world):
        method = "GET" if request.method == "HEAD" else request.method
        for wanted, glob, function in self.rules:
            if wanted in ("*", method) and fnmatch.fnmatchcase(request.path, glob):
                answer = function(request, world)
                if answer is not None:
                    return answer
        return Answer(404, "<html><body><h1>Not Found</h1></body></html>", "text/html", unconfirmed=True)


class World:
    def __init__(self):
        self.lock = threading.RLock()
        self.hosts, self.eras, self.settings, self.counters, self.seen = {}, {}, {}, {}, []
        self.faults = faults.Faults()
        self.log = None  # the file of requests; set by the server
        for module in sorted(m.name for m in pkgutil.iter_modules(hosts.__path__)):
            for host in importlib.import_module(f"hosts.{module}").HOSTS:
                self.hosts.update((name, host) for name in host.names)
                if host.era_name:
                    self.eras.setdefault(host.era_name, Era(host.era_choices))

    def era(self, name):
        return self.eras[name].now

    def set_era(self, words):
        name, _, era = words.partition("=")
        if name not in self.eras or era not in self.eras[name].choices:
            raise ValueError(f"no such era: {words}")
        self.eras[name].now = era

    def set_setting(self, words):
        place, _, value = words.partition("=")
        host, _, name = place.rpartition(":")
        if host not in self.hosts:
            raise ValueError(f"no such host: {host}")
        self.settings[host, name] = value

    def setting(self, request, name, otherwise=None):
        """Of the host that was asked: --set HOST:NAME=VALUE."""
        return self.settings.get((request.host, name), otherwise)

    def counted(self, key):
        """How often this was called with that key, this time included."""
        with self.lock:
            self.counters[key] = self.counters.get(key, 0) + 1
            return self.counters[key]

    def forget(self):
        with self.lock:
            self.counters.clear()
            self.seen.clear()
            if self.log is not None:
                os.truncate(self.log, 0)

    def note(self, request):
        with self.lock:
            self.seen.append((request.host, request.target))

    def count(self, words):
        host, _, glob = words.partition(":")
        with self.lock:
            return sum(1 for h, t in self.seen if fnmatch.fnmatchcase(h, host) and faults.fits(glob, t))

    @staticmethod
    def now():
        return time.time()
