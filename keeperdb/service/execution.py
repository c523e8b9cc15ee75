"""Carries out calls: at once where that takes no time, else on threads, and never longer than the limit."""

import asyncio
import logging
import threading
import traceback
from concurrent.futures import Future, ThreadPoolExecutor

from starlette.responses import Response

from keeperdb.commands import answers
from keeperdb.commands.command import Command
from keeperdb.commands.context import Context
from keeperdb.commands.run import run_words
from keeperdb.commands.table import find
from keeperdb.commands.vault_state import VaultState
from keeperdb.errors import Cancelled, CommandError, KeeperDBError
from keeperdb.service.call import Call
from keeperdb.service.encryption import MEDIA_TYPE, ResponseCipher
from keeperdb.service.replies import Refused, reply
from keeperdb.task import Task, TimedTask

_LONGEST = 300.0  # seconds
_THREADS = 8  # for what waits for the vault, as many for what waits for databases, and as many for the rest
_MOST_WAITING = 100
_OF_DATABASES = frozenset({"query", "schema"})
_OF_VAULT = frozenset({"sync-down", "download-attachment", "file-report"})  # beside those that write

_log = logging.getLogger(__name__)


class _Threads:
    """Started when they are needed, for calls that wait for the same thing; `running` are those not yet answered."""

    def __init__(self, name: str) -> None:
        self.pool = ThreadPoolExecutor(_THREADS, f"service-{name}")
        self.running: set[Task] = set()


class Execution:
    """Runs each call with an output, a working folder and a time limit (in seconds) of its own."""

    def __init__(self, vault: VaultState, longest: float = _LONGEST) -> None:
        self.vault = vault
        self._longest = longest
        self._of_vault, self._of_databases, self._others = map(_Threads, ("vault", "database", "other"))
        self._refreshing: Task | None = None
        self._at_once = Task()  # of all calls that do not wait for anything; nobody stops it

    async def run(self, call: Call, cipher: ResponseCipher | None) -> Response:
        """The answer to `call`. Raises `Refused` when too many wait, or when its turn does not come in time."""
        command = find(call.name)
        if self.vault.is_read and (command is None or command.is_immediate):
            return self._carry_out(call, self._at_once, cipher)
        threads, task = self._threads_for(command), TimedTask(self._longest)
        if len(threads.running) >= _MOST_WAITING:
            raise Refused(503, "Error: Request queue is full. Please try again later.")
        threads.running.add(task)
        try:
            future = threads.pool.submit(self._read_and_carry_out, call, task, cipher)
            return await self._wait_for(future, call, task, cipher)
        finally:
            threads.running.discard(task)

    @property
    def running(self) -> int:
        """How many calls were given to a thread, and are not yet answered."""
        return sum(len(threads.running) for threads in self._all_threads)

    @property
    def _all_threads(self) -> "tuple[_Threads, ...]":
        return (self._of_vault, self._of_databases, self._others)

    def _threads_for(self, command: Command | None) -> "_Threads":
        """Apart from each other, so that what waits for one slow server holds up nothing else."""
        if command is not None and command.name in _OF_DATABASES:
            return self._of_databases
        waits = not self.vault.is_read or (command is not None and (command.is_write or command.name in _OF_VAULT))
        return self._of_vault if waits else self._others

    async def refresh(self) -> None:
        """Read the vault anew; what goes wrong is logged, and calls go on with what was last read."""
        task = self._refreshing = TimedTask(self._longest)
        try:
            await asyncio.wrap_future(self._of_vault.pool.submit(self.vault.refresh, task))
        except (KeeperDBError, Cancelled) as error:
            _log.warning("The service could not read the vault: %s", error)
        finally:
            self._refreshing = None

    def stop(self) -> None:
        """Tell what still runs to stop, and take on nothing more; on the event loop's thread."""
        tasks = [self._refreshing] if self._refreshing is not None else []
        for threads in self._all_threads:
            threads.pool.shutdown(wait=False, cancel_futures=True)
            tasks += threads.running
        for task in tasks:
            _cancel(task)

    async def _wait_for(
        self, future: Future[Response], call: Call, task: Task, cipher: ResponseCipher | None
    ) -> Response:
        done, _ = await asyncio.wait([waiter := asyncio.wrap_future(future)], timeout=self._longest)
        if done:
            return waiter.result()
        if future.cancel():
            raise Refused(504, "Error: Request expired before execution while waiting for result")
        _cancel(task)
        return _failed(call, Cancelled(), cipher)

    def _read_and_carry_out(self, call: Call, task: Task, cipher: ResponseCipher | None) -> Response:
        try:
            self.vault.read_once(task)
        except (KeeperDBError, Cancelled) as error:
            return _failed(call, error, cipher)
        return self._carry_out(call, task, cipher)

    def _carry_out(self, call: Call, task: Task, cipher: ResponseCipher | None) -> Response:
        context = Context(self.vault, task, filedata=call.filedata, is_remote=True, may_query=call.caller.may_query)
        try:
            output = run_words(list(call.words), context)
        except (CommandError, Cancelled) as error:
            return _failed(call, error, cipher)
        except Exception as error:  # noqa: BLE001 - the caller is told that it is our fault, and the log why
            _log_fault(call.name, error)
            return _failed(call, error, cipher)
        if cipher is None:
            return reply(*answers.success_bytes(call.name, output))
        return _sealed(*answers.success(call.name, output), cipher)


def _failed(call: Call, error: Exception, cipher: ResponseCipher | None) -> Response:
    status, body = answers.failure(call.name, error)
    return reply(status, answers.encode(body)) if cipher is None else _sealed(status, body, cipher)


def _sealed(status: int, body: dict[str, object], cipher: ResponseCipher) -> Response:
    return reply(status, cipher.seal(body), media_type=MEDIA_TYPE)


def _cancel(task: Task) -> None:
    """On a thread of its own, because telling a server to stop is a round trip."""
    threading.Thread(target=task.cancel, name="service-cancel", daemon=True).start()


def _log_fault(name: str, error: Exception) -> None:
    """Where it happened and of which type it is; its text may hold what came from the vault."""
    places = "".join(traceback.format_tb(error.__traceback__))
    _log.error("The command %s failed with %s:\n%s", name, type(error).__name__, places)
