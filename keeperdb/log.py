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

_NAME = (
    r"(?:password|passwd|passphrase|pwd|secret|token|credential|authorization|client_?id|api[_-]?key"
    r"|(?:access|app|client|master|private|secret)[_-]?key)"
)
# A quoted text with its escapes; one whose end is missing, because it was cut, goes on to the end.
_QUOTED = r"[bBrRuUeE]?(?:\"(?:[^\"\\]|\\.)*(?:\"|\Z)|'(?:[^'\\]|\\.|'')*(?:'|\Z))"
_NESTED = r"\\+[\"'][^\"']*(?:[\"']|\Z)"  # in JSON within JSON, where quotes are escaped

# What each pattern finds is replaced from the end of `keep` on. They rather take too much than too little.
_PATTERNS = (
    # scheme://user:password@host, with a password that should have been encoded
    re.compile(r"(?P<keep>\b[a-z][a-z0-9+.\-]*://[^\s/:@]*:)\S*(?=@)", re.IGNORECASE),
    re.compile(r"(?P<keep>\b(?:Basic|Bearer)\s+)\S+", re.IGNORECASE),
    # password=..., "clientKey": "...", --password ...
    re.compile(
        rf"(?P<keep>\b\w*{_NAME}(?:\\*[\"'])?\s*[=:]\s*)(?:{_QUOTED}|{_NESTED}|[^\s&]+)",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(r"(?P<keep>--password\s+)\S+", re.IGNORECASE),
    # IDENTIFIED BY '...', PASSWORD '...', PASSWORD('...'), SET PASSWORD FOR ... = '...'
    re.compile(
        r"(?P<keep>\b(?:identified\s+(?:with\s+\S+\s+)?(?:by|as)\s+(?:password\s+)?|password\s*\(?\s*"
        rf"|password\s+for\s+\S+\s*=\s*))(?:{_QUOTED}|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z))",
        re.IGNORECASE | re.DOTALL,
    ),
    # one-time tokens: 43 characters, with or without a region before them
    re.compile(r"(?P<keep>(?<![\w\-]))[A-Za-z0-9_\-]{43}(?![\w\-])"),
    # JSON in base64: a vault's configuration, a signed token
    re.compile(r"(?P<keep>\b)(?:eyJ|ewo|ew0)[\w+/\-]{30,}={0,2}"),
    re.compile(r"(?P<keep>-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?=-----END|\Z)", re.DOTALL),
)


def redact(text: str) -> str:
    """`text` with everything that looks like a password, a key or a token replaced."""
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<keep>{_MARK}", text)
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
    logger.addHandler(logging.NullHandler())  # or else Python would print warnings, unredacted, on standard error
