"""What the server says when it refuses a request, in the form of Keeper's own back end."""

from keeperdb.demo.protocol import Json

ACCESS_DENIED = "access_denied"
BAD_REQUEST = "bad_request"
OUT_OF_SYNC = "out_of_sync"
SIGNATURE_INVALID = "Signature is invalid"
NO_ACCESS = "Unable to validate application access"
OTHER_ADDRESS = "This client is locked to a different ip address"
FOLDER_NOT_ACCESSIBLE = "Folder UID is not accessible"
RECORD_NOT_ACCESSIBLE = "Record UID is not accessible"


class WireError(Exception):
    """The request is answered with `status` and a JSON error of `code` and `message`, plus `more` fields."""

    def __init__(self, code: str, message: str, *, status: int = 403, more: Json | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.more = more or {}

    def document(self, url: str, method: str, agent: str) -> Json:
        """The JSON body of the answer."""
        return {
            "path": f"{url}, {method}, {agent}",
            "additional_info": "",
            "location": "default exception manager - api validation exception",
            "error": self.code,
            "message": self.message,
            **self.more,
        }


def denied(message: str) -> WireError:
    return WireError(ACCESS_DENIED, message)


def bad_request(message: str) -> WireError:
    return WireError(BAD_REQUEST, message, status=400)


def other_key(key_id: str) -> WireError:
    """The client is to speak with the public key `key_id`."""
    return WireError("key", "The public key id is not known", status=401, more={"key_id": int(key_id)})


def throttled(retry_after: float | None = None) -> WireError:
    """Too many requests; `retry_after` in seconds, or unsaid."""
    message = "Due to repeated attempts, your request has been throttled. Try again in 2 minutes."
    return WireError("throttled", message, more={} if retry_after is None else {"retry_after": retry_after})


def invalid_client_version(version: str) -> WireError:
    """The client's version is not registered."""
    info = {"result_code": "invalid_client_version", "additional_info": f"invalid client version id: {version}"}
    return WireError("client_version", "invalid client version", more=info)
