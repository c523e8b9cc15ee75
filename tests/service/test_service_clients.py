"""Each published client's way of asking, request for request, against a real service."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.service.running import ServiceClient

_V1 = "/api/v1/executecommand"
_SUBMIT = "/api/v2/executecommand-async"
_PATIENCE = 60.0  # seconds
_UID = re.compile(r"[\w-]{22}")


class ITerm2:
    """KeeperDataSource.swift: v1, and where that is not there v2; exactly 200 or 202; the error from two members."""

    def __init__(self, client: ServiceClient, v1: str = _V1) -> None:
        self.client, self.v1 = client, v1

    def execute(self, command: str) -> Any:
        answer = self.client.ask("POST", self.v1, {"command": command})
        if answer.status == 404:
            answer = self._queued(command)
        if answer.status not in (200, 202):
            raise RuntimeError(answer.json.get("error") or answer.json.get("message"))
        return answer.json

    def _queued(self, command: str) -> Any:
        submitted = self.client.ask("POST", _SUBMIT, {"command": command})
        assert submitted.status == 202
        request_id = submitted.json["request_id"]
        until(lambda: self.client.ask("GET", f"/api/v2/status/{request_id}").json["status"] in ("completed", "failed"))
        return self.client.ask("GET", f"/api/v2/result/{request_id}")

    def accounts(self) -> list[tuple[str, str]]:
        """The rows of the plain text of `list`: number, uid, type, title …"""
        lines = [line for line in self.execute("list")["message"] if re.match(r"\d+\s", line)]
        return [(columns[1], columns[3]) for columns in (re.split(r"\s{2,}", line) for line in lines)]


@pytest.mark.parametrize("v1", [_V1, "/api/v1/gone"])
def test_iterm2_lists_reads_changes_and_deletes(client, v1) -> None:
    iterm = ITerm2(client, v1)
    added = iterm.execute('record-add -t "iTerm2 account" -rt login login=joe password=\'p"w\' --folder "Personal"')[
        "data"
    ]["record_uid"]
    assert (added, "iTerm2 account") in iterm.accounts()
    assert iterm.execute(f"get {added} --format=password")["data"]["password"] == 'p"w'
    assert iterm.execute(f"record-update -r {added} password=changed")["message"] == "Record updated successfully"
    assert iterm.execute(f"get {added} --format=password")["data"]["password"] == "changed"
    iterm.execute(f"rm -f {added}")
    assert added not in dict(iterm.accounts())
    with pytest.raises(RuntimeError, match="trash"):
        iterm.execute("trash list")


def test_raycast_generates_lists_reads_and_refreshes(client, service_vault) -> None:
    def execute(command: str) -> Any:
        answer = client.run(command)
        assert answer.status == 200, answer.body
        return answer.json

    password = execute("generate -nb --format=json")["data"][0]
    assert password["password"]
    assert 0 < password["strength"] <= 100
    records = execute("list --format=json")["data"]
    assert {"record_uid", "title", "type", "description", "shared", "record_category"} <= set(records[0])
    uid = next(each["record_uid"] for each in records if each["title"] == "My Login")
    record = execute(f"get {uid} --format=json")["data"]
    assert record["record_uid"] == uid
    fields = {each["type"]: each["value"] for each in record["fields"]}
    assert (fields["login"], fields["password"]) == (["alice"], ["S3cret!pw"])
    assert execute("sync-down")["message"] == "Vault synchronized successfully"
    assert execute("server")["message"].startswith("https://")
    secret = "otpauth://totp/Example?secret=JBSWY3DPEHPK3PXP&issuer=Example"
    added = execute(f"record-add -t Coded -rt login oneTimeCode={secret} --folder Personal")["data"]["record_uid"]
    lines = execute(f"totp {added} --range 1")["message"]
    assert [re.split(r"\s+", line)[0] for line in lines] == ["-1", "Current", "1"]
    assert all(re.fullmatch(r"\d{6}", re.split(r"\s+", line)[1]) for line in lines)
    shared = client.run(f"share create {uid} -e 7d")
    assert shared.status in (400, 403)
    assert shared.json["error"]


class SailPoint:
    """Keeper's connector: v2 only, polls the result with a growing pause, and wants `success` in the body."""

    def __init__(self, client: ServiceClient) -> None:
        self.client = client

    def execute(self, command: str) -> Any:
        submitted = self.client.ask("POST", _SUBMIT, {"command": command})
        assert submitted.status == 202, submitted.body
        answer = until(lambda: self._result(submitted.json["request_id"]))
        assert answer.json["status"] == "success", answer.json
        return answer.json

    def _result(self, request_id: str) -> Any:
        answer = self.client.ask("GET", f"/api/v2/result/{request_id}")
        return answer if answer.status != 202 else None


def test_the_sailpoint_connector_pings_and_walks_folders(client) -> None:
    connector = SailPoint(client)
    assert connector.execute("this-device")["data"]["persistent_login"] is True
    rows = {row["name"]: row for row in connector.execute("ls -f -R --format json")["data"]}
    assert rows["Personal"]["details"] == "Flags: S, Parent: /"
    assert rows["Sub folder"]["details"] == f"Flags: , Parent: {rows['Personal']['uid']}"
    assert {row["source"] for row in rows.values()} == {"classic_folder"}
    title = 'a "quoted" title'
    escaped = title.replace('"', '\\"')
    added = connector.execute(f'record-add -t "{escaped}" -rt login login="x" --folder "Personal"')
    assert connector.execute(f"get {added['data']['record_uid']} --format json")["data"]["title"] == title


def test_the_jira_app_makes_and_finds_records(client) -> None:
    added = client.run("record-add -t 'Jira ticket' -rt login login=ticket url=https://jira.example --folder Personal")
    assert (added.status, added.json["status"]) == (200, "success")
    assert _UID.fullmatch(added.json["data"]["record_uid"])
    assert "ticket" not in added.json["command"]
    found = client.run('search "Jira ticket" --format=json').json["data"]
    assert [each["uid"] for each in found] == [added.json["data"]["record_uid"]]
    missing = client.run("get nosuch")
    assert (missing.status, missing.json["status"]) == (404, "error")
    assert missing.json["error"].startswith("get: ")


def test_an_mcp_server_waits_for_the_status_and_takes_the_result(client) -> None:
    request_id = client.ask("POST", _SUBMIT, {"command": "tree"}).json["request_id"]
    status = until(lambda: completed(client, request_id))
    assert (status["success"], status["status_code"], status["error_message"]) == (True, 200, None)
    tree = client.ask("GET", f"/api/v2/result/{request_id}").json
    assert (tree["status"], tree["command"]) == ("success", "tree")
    assert "Sub folder" in json.dumps(tree["data"])
    queue = client.ask("GET", "/api/v2/queue/status").json
    assert (queue["queue_size"], queue["worker_running"]) == (0, True)


def test_the_terraform_provider_keeps_a_record(client, terraform) -> None:
    terraform("this-device")
    terraform("sync-down")
    created = terraform("record-add -t 'Managed' -rt login login=tf password=first --folder 'Shared Infra'")
    uid = created["data"]["record_uid"]
    terraform(f"record-update -r {uid} password=second")
    state = terraform(f"get {uid} --format=json")["data"]
    assert {each["type"]: each["value"] for each in state["fields"]}["password"] == ["second"]
    assert any(each["record_uid"] == uid for each in terraform("list --format=json")["data"])
    terraform(f"rm -f {uid}")
    gone = client.run(f"get {uid} --format=json")
    assert gone.status == 404


@pytest.fixture
def terraform(client) -> Callable[[str], Any]:
    """The provider sends the version that it needs, and goes through the queue."""
    headers = {"Min-Commander-Version": "18.1.0"}

    def execute(command: str) -> Any:
        submitted = client.ask("POST", _SUBMIT, {"command": command}, headers)
        assert submitted.status == 202, submitted.body
        until(lambda: completed(client, submitted.json["request_id"]))
        answer = client.ask("GET", f"/api/v2/result/{submitted.json['request_id']}", headers=headers)
        assert answer.status == 200, answer.body
        return answer.json

    return execute


def completed(client: ServiceClient, request_id: str) -> Any:
    status = client.ask("GET", f"/api/v2/status/{request_id}").json
    return status if status["status"] == "completed" else None


def until(found: Any) -> Any:
    """What `found` gives as soon as it is something."""
    end = time.monotonic() + _PATIENCE
    while not (answer := found()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
    return answer
