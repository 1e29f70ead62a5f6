"""A way to PostgreSQL that breaks off at a moment, as where a server goes away in the middle."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Proxy:
    """Passes bytes on, until it is cut.

    Parameters
    ----------
    url : of the server
    words : that are asked one after the other; it is cut at the last
    after : whether the server still gets what holds the last, and only its answer is lost
    """

    def __init__(self, url: str, words: Sequence[str], *, after: bool = False) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "localhost", parts.port or 5432)
        self._words, self._after = [each.encode() for each in words], after
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.was_cut = False
        port = self._listener.getsockname()[1]
        user = parts.netloc.rpartition("@")[0]
        query = f"{parts.query}&sslmode=disable" if parts.query else "sslmode=disable"
        self.url = f"{parts.scheme}://{user}@127.0.0.1:{port}{parts.path}?{query}"
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """End every connection, and take no more."""
        self.was_cut = True
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._open += [client, server]
                for ends in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass, args=ends, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, asked: bool) -> None:
        with suppress(OSError):
            while sent := source.recv(1 << 16):
                while asked and self._words and self._words[0] in sent:
                    self._words.pop(0)
                if not self._words and (not asked or not self._after):
                    self.cut()
                    return
                target.sendall(sent)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def breaking_off(url: str, *words: str, after: bool = False) -> Iterator[Proxy]:
    """Give a way to the server that breaks off at the last of some words."""
    proxy = Proxy(url, words, after=after)
    try:
        yield proxy
    finally:
        proxy.cut()
