"""The page that explains the service to people: plain HTML without a script, and nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Iterable
from html import escape

from keeperdb import __version__
from keeperdb.commands.table import find
from keeperdb.service.openapi import describe

HTML_TYPE = "text/html"
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .75rem .25rem 0;"
    "vertical-align:top;border-bottom:1px solid #8884}pre{background:#8882;padding:.75rem;overflow-x:auto}"
)
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
PAGE_HEADERS = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'",
    "referrer-policy": "no-referrer",
}
_EXAMPLE = """curl --location 'http://localhost:&lt;port&gt;/api/v1/executecommand' \\
  --header 'Content-Type: application/json' \\
  --header 'api-key: &lt;your-api-key&gt;' \\
  --data '{"command": "tree"}'"""


def docs_page(commands: Iterable[str], *, has_queue: bool) -> bytes:
    """The endpoints, and the commands that the key may call."""
    document = describe(commands, has_queue=has_queue)
    endpoints = "".join(
        _row(f"<code>{verb.upper()} {escape(path)}</code>", escape(operation["summary"]))
        for path, operations in sorted(document["paths"].items())
        for verb, operation in operations.items()
        if verb != "parameters"
    )
    rows = "".join(_row(f"<code>{escape(name)}</code>", escape(_summary(name))) for name in sorted(commands))
    text = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>KeeperDB service</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"<h1>KeeperDB service {escape(__version__)}</h1>"
        f"<p>Every request but <code>/health</code> needs the header <code>api-key</code>. "
        f"<code>/openapi.json</code> describes the requests and answers for programs.</p><pre>{_EXAMPLE}</pre>"
        f"<h2>Endpoints</h2><table>{endpoints}</table>"
        f"<h2>Commands of this key</h2><table>{rows}</table></body></html>\n"
    )
    return text.encode()


def _summary(name: str) -> str:
    command = find(name)
    return command.summary if command is not None else "unknown"


def _row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
