"""Keeper Commander's own service in its direct mode, without a Keeper server behind it, to be measured beside ours.

Run by a Python that has the package: `python commander_process.py FOLDER KEY`; prints the port, and ends with its
input.
"""

import json
import os
import socket
import sys
import threading
from pathlib import Path

_NEVER = "9999-12-31T23:59:59"


def main() -> None:
    folder, key = Path(sys.argv[1]) / ".keeper", sys.argv[2]
    folder.mkdir()
    os.environ["KEEPER_DATA_HOME"] = sys.argv[1]
    port = _free_port()
    (folder / "config.json").write_text(json.dumps({"private_key": "a private key for the benchmark"}))
    _write_configuration(folder, key, port)
    _pretend_a_session()
    from keepercommander.service.app import create_app

    out, sys.stdout = sys.stdout, sys.stderr
    app = create_app()
    threading.Thread(target=lambda: app.run("127.0.0.1", port, threaded=True), daemon=True).start()
    print(port, file=out, flush=True)
    sys.stdin.read()
    os._exit(0)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _write_configuration(folder: Path, key: str, port: int) -> None:
    """The documented configuration as JSON, which Commander reads several times faster than YAML."""
    from keepercommander.service.config.file_handler import ConfigFormatHandler

    empty = ("ngrok_auth_token", "ngrok_custom_domain", "ngrok_public_url", "certfile", "certpassword")
    configuration = dict.fromkeys((*empty, "ip_denied_list", "encryption", "encryption_private_key"), "") | {
        "title": "Commander Service Mode Config",
        "port": port,
        "ngrok": "n",
        "tls_certificate": "n",
        "is_advanced_security_enabled": "n",
        "rate_limiting": "100000000/minute",
        "ip_allowed_list": "0.0.0.0/0,::/0",
        "fileformat": "json",
        "run_mode": "foreground",
        "queue_enabled": "n",
        "records": [{"api-key": key, "command_list": "whoami", "expiration_timestamp": _NEVER}],
    }
    path = folder / "service_config.json"
    path.write_text(json.dumps(configuration))
    ConfigFormatHandler.encrypt_config_file(path, folder)


def _pretend_a_session() -> None:
    """A login with four records, as if Keeper had answered."""
    from keepercommander.params import KeeperParams
    from keepercommander.service.core import globals as session

    params = KeeperParams()
    params.server, params.user, params.session_token = "keepersecurity.com", "bench@example.com", "session"
    params.license = {"account_type": 2, "expiration_date": "2030-01-01"}
    params.sync_data = False
    for number in range(4):
        uid = f"record{number:016}"
        content = {"title": f"Record {number}", "type": "login", "fields": [], "custom": []}
        params.record_cache[uid] = {
            "record_uid": uid,
            "version": 3,
            "revision": 1,
            "shared": False,
            "data_unencrypted": json.dumps(content).encode(),
            "record_key_unencrypted": bytes(32),
        }
    session.init_globals(params)


if __name__ == "__main__":
    main()
