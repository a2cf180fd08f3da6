"""A line between browser and server that a test can cut: a plain TCP relay."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

CHUNK = 65_536


class Line:
    """Relays 127.0.0.1:`port` to a server; `cut` drops every connection and refuses new ones until `mend`."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._whole = threading.Event()
        self._whole.set()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.asked: list[bytes] = []
        """The beginning of everything that browsers sent."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Drop every connection in the middle of whatever it says."""
        self._whole.clear()
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            self._open.clear()

    def mend(self) -> None:
        """Let connections through again."""
        self._whole.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._whole.is_set():
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._target))
                with self._lock:
                    self._open |= {near, far}
                threading.Thread(target=self._relay, args=(near, far, self.asked), daemon=True).start()
                threading.Thread(target=self._relay, args=(far, near, None), daemon=True).start()

    @staticmethod
    def _relay(source: socket.socket, sink: socket.socket, told: list[bytes] | None) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if told is not None:
                    told.append(data[:4_000])
                sink.sendall(data)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
