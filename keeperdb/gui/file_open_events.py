"""On macOS files and links do not come as words of the command line, but as events."""

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFileOpenEvent

from keeperdb.connections.link import is_link
from keeperdb.workspace.instance import Request


class FileOpenEvents(QObject):
    """A filter for the application; `requested(request)` follows each file or link that the desktop hands over."""

    requested = Signal(object)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.FileOpen or not isinstance(event, QFileOpenEvent):
            return False
        address = event.url().toString()
        if is_link(address):
            self.requested.emit(Request(links=(address,)))
        elif event.file():
            self.requested.emit(Request(files=(event.file(),)))
        return True
