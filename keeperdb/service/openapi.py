"""What the service offers, as an OpenAPI 3.1 document for the holder of one key."""

from collections.abc import Iterable
from typing import Any

from keeperdb import __version__
from keeperdb.service.call import LONGEST

Document = dict[str, Any]

_ERRORS = {
    400: "The request or the command is wrong",
    401: "The key is missing, wrong or expired",
    403: "The address, the key or the vault does not allow it",
    404: "Not found",
    408: "The request was not complete in time",
    409: "It exists already",
    413: "The body is too large",
    429: "Too many requests",
    500: "A fault of the service",
    502: "The vault cannot be reached, or its answer cannot be read",
    503: "Too much waits already",
    504: "Out of time",
}
_REFUSALS = (401, 403, 404, 429, 500)
_BAD_REQUEST = (400, *_REFUSALS, 408, 413, 503)
_OF_A_COMMAND = (*_BAD_REQUEST, 409, 502, 504)

_NAMED = {"type": "string"}
_MOMENT = {"type": ["string", "null"]}
_STATES = {"enum": ["queued", "processing", "completed", "expired"]}


def describe(commands: Iterable[str], *, has_queue: bool) -> Document:
    """The endpoints, with the commands that the key may call."""
    paths = {
        "/api/v1/executecommand": {"post": _execute()},
        "/health": {"get": _health()},
        "/openapi.json": {"get": _plain("These endpoints as an OpenAPI document", {"type": "object"})},
        "/docs": {"get": _page()},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "KeeperDB service",
            "version": __version__,
            "description": "Commands of a Keeper Secrets Manager vault over HTTP, as Keeper Commander's service mode.",
        },
        "security": [{"apiKey": []}],
        "paths": paths | (_queue_paths() if has_queue else {}),
        "components": {
            "securitySchemes": {"apiKey": {"type": "apiKey", "in": "header", "name": "api-key"}},
            "schemas": _schemas(sorted(commands)),
        },
    }


def _schemas(commands: list[str]) -> Document:
    return {
        "Command": {
            "type": "object",
            "required": ["command"],
            "properties": {
                "command": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": LONGEST,
                    "description": f"A command line. This key may call: {', '.join(commands) or 'nothing'}.",
                    "examples": commands[:1],
                },
                "filedata": {
                    "type": ["object", "array"],
                    "description": "What stands for FILEDATA in the command.",
                },
            },
        },
        "Answer": {
            "type": "object",
            "required": ["status", "command", "data"],
            "properties": {
                "status": _NAMED,
                "command": _NAMED,
                "data": {},
                "message": {"type": ["string", "array"]},
            },
        },
        "Error": {
            "type": "object",
            "required": ["error"],
            "properties": {"error": _NAMED, "status": _NAMED, "command": _NAMED, "result_code": _NAMED},
        },
        "Queued": {
            "type": "object",
            "required": ["success", "request_id", "status", "message"],
            "properties": {"success": {"const": True}, "request_id": _NAMED, "status": _STATES, "message": _NAMED},
        },
        "Status": _status(),
        "QueueStatus": _queue_status(),
    }


def _status() -> Document:
    members: Document = {
        "success": {"const": True},
        "request_id": _NAMED,
        "command": {"type": "string", "description": "The command's name."},
        "status": _STATES,
        "created_at": _MOMENT,
        "started_at": _MOMENT,
        "completed_at": _MOMENT,
        "status_code": {"type": ["integer", "null"]},
        "result": {"type": ["object", "null"], "description": "The result itself is at /api/v2/result."},
        "error_message": {"type": ["string", "null"]},
        "temp_files": {"type": "array"},
    }
    return {"type": "object", "required": sorted(members), "properties": members}


def _queue_status() -> Document:
    number = {"type": "integer", "minimum": 0}
    members: Document = {
        "success": {"const": True},
        "queue_size": number,
        "active_requests": number,
        "completed_requests": number,
        "currently_processing": {"type": ["string", "null"]},
        "worker_running": {"type": "boolean"},
    }
    return {"type": "object", "required": sorted(members), "properties": members}


def _execute() -> Document:
    return {
        "summary": "Carry out a command and answer with its result",
        "requestBody": _body(),
        "responses": {"200": _answer("Answer", "Carried out"), **_errors(_OF_A_COMMAND)},
    }


def _queue_paths() -> Document:
    of_one = {"parameters": [{"name": "request_id", "in": "path", "required": True, "schema": {"type": "string"}}]}
    return {
        "/api/v2/executecommand-async": {
            "post": {
                "summary": "Queue a command; those of one key are carried out in their order",
                "requestBody": _body(),
                "responses": {"202": _answer("Queued", "Queued"), **_errors(_BAD_REQUEST)},
            }
        },
        "/api/v2/status/{request_id}": of_one | {"get": _plain("Where a request is", _reference("Status"))},
        "/api/v2/result/{request_id}": of_one
        | {
            "get": {
                "summary": "What the command answered, with its own status",
                "responses": {
                    "200": _answer("Answer", "Carried out"),
                    "202": _answer("Error", "Not finished yet"),
                    **_errors(_OF_A_COMMAND),
                },
            }
        },
        "/api/v2/queue/status": {"get": _plain("How much waits", _reference("QueueStatus"))},
    }


def _health() -> Document:
    schema = {"type": "object", "required": ["status"], "properties": {"status": {"const": "ok"}}}
    return _plain("Whether the service runs", schema) | {"security": []}


def _page() -> Document:
    page = {"description": "For people", "content": {"text/html": {"schema": {"type": "string"}}}}
    return {"summary": "This documentation for people", "responses": {"200": page, **_errors(_REFUSALS)}}


def _plain(summary: str, schema: Document) -> Document:
    content = {"description": summary, "content": {"application/json": {"schema": schema}}}
    return {"summary": summary, "responses": {"200": content, **_errors(_REFUSALS)}}


def _body() -> Document:
    return {"required": True, "content": {"application/json": {"schema": _reference("Command")}}}


def _answer(schema: str, description: str) -> Document:
    return {"description": description, "content": {"application/json": {"schema": _reference(schema)}}}


def _errors(codes: Iterable[int]) -> Document:
    return {str(code): _answer("Error", _ERRORS[code]) for code in sorted(codes)}


def _reference(schema: str) -> Document:
    return {"$ref": f"#/components/schemas/{schema}"}
