"""A relay between Baton and salt-api that can cut connections or silently stop them."""

import contextlib
import select
import socket
import threading

PIECE = 65_536


class Relay:
    """Forwards data in both directions until its connections are cut or silenced."""

    def __init__(self, host: str, port: int) -> None:
        self._behind = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._open: list[tuple[socket.socket, socket.socket]] = []
        self._dead: list[socket.socket] = []
        self.passed = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every open connection."""
        for pair in self._open[:]:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def deaden(self) -> None:
        """Forward nothing more on open connections, without closing them."""
        self._dead += [end for pair in self._open for end in pair]

    def close(self) -> None:
        """Stop listening and cut all connections."""
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = self._listening.accept()
                self.passed += 1
                threading.Thread(target=self._pass, args=(near,), daemon=True).start()

    def _pass(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(self._behind, timeout=5)
        except OSError:
            near.close()
            return
        pair = (near, far)
        self._open.append(pair)
        with near, far, contextlib.suppress(OSError):
            while True:
                for end in select.select(pair, [], [])[0]:
                    data = end.recv(PIECE)
                    if not data:
                        self._open.remove(pair)
                        return
                    if end not in self._dead:
                        (far if end is near else near).sendall(data)
