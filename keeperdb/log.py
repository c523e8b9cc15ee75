"""The log file, and the redaction that every line passes.

Nothing secret is logged in the first place; redaction is the second line of defence, for texts that come
from drivers and servers.
"""

import logging
import logging.handlers
import re
from pathlib import Path

_MARK = "[redacted]"
_LOG_NAME = "keeperdb.log"

_PATTERNS = (
    # scheme://user:password@host
    (re.compile(r"(?P<keep>\b[a-z][a-z0-9+.\-]*://[^\s/:@]*:)[^\s/@]+(?=@)", re.IGNORECASE), rf"\g<keep>{_MARK}"),
    # password=..., "clientKey": "...", token: ..., and SQL's IDENTIFIED BY '...' and PASSWORD '...'
    (
        re.compile(
            r"(?P<keep>[\"']?\b\w*(?:password|passwd|pwd|secret|token|clientKey|privateKey|appKey|api[_-]?key)[\"']?\s*[=:]\s*)"
            r"(?:\"[^\"]*\"|'[^']*'|[^\s,;&}\]]+)",
            re.IGNORECASE,
        ),
        rf"\g<keep>{_MARK}",
    ),
    (re.compile(r"(?P<keep>\b(?:identified\s+by|password)\s+)'(?:[^']|'')*'", re.IGNORECASE), rf"\g<keep>{_MARK}"),
    # one-time tokens: REGION:43 characters
    (re.compile(r"(?P<keep>\b[\w.\-]+:)[A-Za-z0-9_\-]{43}(?![A-Za-z0-9_\-])"), rf"\g<keep>{_MARK}"),
)


def redact(text: str) -> str:
    """`text` with everything that looks like a password, a key or a token replaced."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class _RedactingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def set_up(folder: Path, level: int = logging.INFO) -> Path:
    """Send the `keeperdb` logger to a rotating file in `folder` (1 MB, three kept) and return the file's path."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / _LOG_NAME
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
    )
    handler.setFormatter(_RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("keeperdb")
    tear_down()
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
    return path


def tear_down() -> None:
    """Close the log file."""
    logger = logging.getLogger("keeperdb")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
