"""Rules of a portal that is as simple as can be."""

from urllib.parse import parse_qsl, urlsplit

from agent.browser.gate import Forbidden, Mutating, Read, SeenRequest

HOSTS = ["127.0.0.1", "localhost"]


class Rules:
    """GET and HEAD read; ``/do/…`` changes, by any method; ``/read/…`` is a listed read by POST; ``/boom`` fails."""

    def __init__(self) -> None:
        self.ws_allowed: list[str] = []

    def classify(self, request: SeenRequest) -> Read | Mutating | Forbidden:
        """Return what a request is."""
        url = urlsplit(request.url)
        if url.hostname not in HOSTS:
            return Forbidden("not our host")
        if url.path.startswith("/boom"):
            raise KeyError("boom")
        if url.path.startswith("/do/"):
            body = (request.body or b"").decode()
            return Mutating(url.path.removeprefix("/do/"), dict(parse_qsl(body or url.query)))
        if request.method in {"GET", "HEAD"} or url.path.startswith("/read/"):
            return Read("read")
        return Forbidden("not listed")
