"""Listens for later starts of the program, which hand over what they were asked to open."""

import json
import logging

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from keeperdb.workspace.instance import ACCEPTED, MOST_BYTES, Claim, Request

_log = logging.getLogger(__name__)
_MOST_WAITING = 8  # starts at once
_PATIENCE = 5_000  # milliseconds that a start may take for its message


class InstanceServer(QObject):
    """`requested(request)` follows each message that is one; everything else is refused and changes nothing."""

    requested = Signal(object)

    def __init__(self, claim: Claim, parent: QObject) -> None:
        """Where the system has no such sockets, this start goes on alone and says so in the log."""
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(_MOST_WAITING)
        self._server.newConnection.connect(self._welcome)
        self.is_listening = self._server.listen(claim.place.socket)
        if not self.is_listening:
            _log.warning("Later starts cannot be heard: %s", self._server.errorString())

    def close(self) -> None:
        """Hear no more of later starts."""
        self._server.close()

    def _welcome(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            _Visitor(socket, self)


class _Visitor(QObject):
    """One connection: one message, one answer, and no more than that in size and time."""

    def __init__(self, socket: QLocalSocket, server: InstanceServer) -> None:
        super().__init__(socket)
        self._socket = socket
        self._server = server
        self._is_answered = False
        socket.setReadBufferSize(MOST_BYTES + 1)
        socket.readyRead.connect(self._read)
        socket.disconnected.connect(socket.deleteLater)
        QTimer.singleShot(_PATIENCE, self, socket.abort)
        self._read()

    def _read(self) -> None:
        if self._is_answered:
            self._socket.abort()
        elif self._socket.canReadLine():
            self._answer(bytes(self._socket.readLine(MOST_BYTES + 1).data()))
        elif self._socket.bytesAvailable() > MOST_BYTES:
            self._refuse("too long")

    def _answer(self, line: bytes) -> None:
        try:
            request = Request.parse(line)
        except ValueError as error:
            self._refuse(str(error))
            return
        self._say(ACCEPTED)
        self._server.requested.emit(request)

    def _refuse(self, why: str) -> None:
        _log.warning("Another process sent what is no request")
        self._say(json.dumps({"ok": False, "why": why[:100]}).encode() + b"\n")

    def _say(self, answer: bytes) -> None:
        self._is_answered = True
        self._socket.write(answer)
        self._socket.disconnectFromServer()
