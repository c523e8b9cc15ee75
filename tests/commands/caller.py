"""Runs command lines against a demo vault, as a caller over the network or at the machine."""

import json
from typing import Any

from keeperdb.commands import answers
from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.run import run_line
from keeperdb.commands.vault_state import VaultState
from keeperdb.demo.vault_server import DemoVault
from keeperdb.task import Task


class Caller:
    """One caller. Calling it returns status and body, exactly as they would be sent."""

    def __init__(self, state: VaultState, vault: DemoVault, *, is_remote: bool = True) -> None:
        self.state = state
        self.vault = vault
        self.context = Context(state, Task(), is_remote=is_remote)

    def another(self, *, is_remote: bool = True) -> "Caller":
        return Caller(self.state, self.vault, is_remote=is_remote)

    def run(self, line: str, filedata: object = None) -> Output:
        self.context.filedata = filedata
        return run_line(line, self.context)

    def __call__(self, line: str, filedata: object = None) -> tuple[int, dict[str, Any]]:
        try:
            output = self.run(line, filedata)
        except Exception as error:
            status, body = answers.failure(line, error)
            if status == 500:
                raise
            return status, json.loads(json.dumps(body))
        status, sent = answers.success_bytes(line, output)
        assert json.loads(sent) == json.loads(answers.encode(answers.success(line, output)[1]))
        return status, json.loads(sent)

    def ok(self, line: str, filedata: object = None) -> dict[str, Any]:
        """The body of a command that must succeed."""
        status, body = self(line, filedata)
        assert status == 200, body
        assert body["status"] == "success"
        return body

    def data(self, line: str, filedata: object = None) -> Any:
        return self.ok(line, filedata)["data"]

    def refused(self, line: str, status: int, filedata: object = None) -> str:
        """The error of a command that must fail with that status."""
        got, body = self(line, filedata)
        assert got == status, body
        return str(body["error"])
