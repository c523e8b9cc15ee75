"""`keeperdb service-create`, `service-start`, `service-stop`, `service-status`, `service-config-add`."""

from keeperdb.cli import exit_codes
from keeperdb.cli.context import Context
from keeperdb.cli.output import write_object
from keeperdb.cli.service_running import end, run_in_foreground, start_in_background, warn_of_outside
from keeperdb.cli.service_table import CREATE_FIELDS
from keeperdb.cli.terminal_questions import TerminalQuestions
from keeperdb.commands.table import COMMANDS, all_words
from keeperdb.errors import NotFoundError, SettingsError, UnsupportedError
from keeperdb.service import validation
from keeperdb.service.config import BACKGROUND, ApiKey, ServiceConfig
from keeperdb.service.creation import CommandNames, GivenOptions, make_key
from keeperdb.service.creation import create as make_config
from keeperdb.service.local import LocalService
from keeperdb.service.process import ServiceProcess, already_running
from keeperdb.service.record import Stored
from keeperdb.vault.attached import AttachedVault

_SECRETS = {  # options that `-` stands in for, with what is asked then
    "ngrok": "Ngrok Auth Token: ",
    "encryption_key": "Encryption key of 32 characters: ",
    "certificate_password": "Certificate Password: ",
}
_NO_SERVICE = "Error: No running service found to stop"


def create(context: Context) -> int:
    """Make a configuration, or take the one in the vault if nothing says what a new one should be; then start."""
    local, vault = _prepare(context)
    _refuse_second(local)
    given = _given(context)
    stored = context.run(lambda task: local.load(vault.id, task))
    if stored is not None and _takes_stored(context, given):
        context.say(f"The configuration comes from {_place(vault, stored)}.")
        return _start(context, local, vault, stored, given.run_mode or stored.config.run_mode)
    try:
        config, key = make_config(given, TerminalQuestions(context), _names(), _format_of(stored))
    except SettingsError as error:
        return _invalid(context, error)
    config = _keep_title(config, stored)
    if stored is not None and stored.config.keys:
        context.say(f"The earlier configuration is replaced: {_counted(stored.config.keys)}.")
    written = _upload(context, local, vault, config, context.arguments.folder or "")
    _show_key(context, key)
    return _start(context, local, vault, written, config.run_mode)


def start(context: Context) -> int:
    """Start with the configuration in the vault."""
    local, vault = _prepare(context)
    _refuse_second(local)
    stored = _stored(context, local, vault)
    mode = context.arguments.run_mode
    try:
        mode = validation.run_mode(mode) if mode else stored.config.run_mode
    except SettingsError as error:
        return _invalid(context, error)
    return _start(context, local, vault, stored, mode)


def stop(context: Context) -> int:
    """Stop it when the requests under way are answered."""
    local = LocalService(context.workspace)
    status = local.place.look()
    if not status.is_running:
        context.run(lambda task: local.place.forget())
        context.say(_NO_SERVICE)
        return exit_codes.USAGE
    context.run(lambda task: end(local.place, task))
    if status.process is not None and status.process.tunnel_pid:
        context.out.write("Ngrok tunnel stopped\n")
    context.out.write("Service stopped successfully\n")
    return exit_codes.OK


def status(context: Context) -> int:
    """Say whether it runs; a process that is gone is not believed to run."""
    found = LocalService(context.workspace).place.look()
    process = found.process
    if context.arguments.format != "table":
        row = {"running": found.is_running, **(_described(process) if process and found.is_running else {})}
        write_object(context.out, context.arguments.format, row)
        return exit_codes.OK
    for line in _status_lines(found.is_running, process):
        context.out.write(f"{line}\n")
    return exit_codes.OK


def add_key(context: Context) -> int:
    """One more key; a service that runs takes it over."""
    local, vault = _prepare(context)
    stored = _stored(context, local, vault)
    try:
        key = make_key(_given(context), TerminalQuestions(context), _names(), is_advanced=stored.config.is_advanced)
    except SettingsError as error:
        return _invalid(context, error)
    context.run(lambda task: local.add_key(vault.id, stored, key, task))
    _show_key(context, key)
    context.say("Config Record with API key created successfully.")
    return exit_codes.OK


def _takes_stored(context: Context, given: GivenOptions) -> bool:
    """Without options the one in the vault is meant, and with --if-missing whatever they are."""
    return not context.arguments.new and (context.arguments.if_missing or given == GivenOptions())


def _prepare(context: Context) -> tuple[LocalService, AttachedVault]:
    local = LocalService(context.workspace)
    vault = local.vault(context.arguments.chosen_vault)
    uid = getattr(context.arguments, "record", None)
    if uid:
        local.choose(vault.id, uid)
    context.unlock()
    return local, vault


def _refuse_second(local: LocalService) -> None:
    status = local.place.look()
    if status.is_running:
        raise UnsupportedError(already_running(status.process), "`keeperdb service-stop` ends it.")


def _stored(context: Context, local: LocalService, vault: AttachedVault) -> Stored:
    stored = context.run(lambda task: local.load(vault.id, task))
    if stored is None:
        raise NotFoundError(
            f"Service configuration file not found in {vault.name}.",
            "Please use 'service-create' command to create a service_config file.",
        )
    return stored


def _given(context: Context) -> GivenOptions:
    arguments = vars(context.arguments)
    values = {mine: arguments[theirs] for theirs, mine in CREATE_FIELDS.items() if arguments.get(theirs) is not None}
    questions = TerminalQuestions(context)
    for name, prompt in _SECRETS.items():
        if values.get(name) == "-":
            values[name] = questions.ask_hidden(prompt)
    return GivenOptions(**values)


def _names() -> CommandNames:
    return CommandNames(lambda word: word in all_words(), sorted(COMMANDS))


def _format_of(stored: Stored | None) -> str:
    return stored.config.file_format if stored is not None else ""


def _keep_title(config: ServiceConfig, stored: Stored | None) -> ServiceConfig:
    return config.with_(title=stored.config.title) if stored is not None else config


def _upload(context: Context, local: LocalService, vault: AttachedVault, config: ServiceConfig, folder: str) -> Stored:
    context.say(f"Uploading service_config.{config.file_format} ...")
    written = context.run(lambda task: local.save(vault.id, config, task, folder))
    context.say(f"The configuration lies in {_place(vault, written)}.")
    return written


def _start(context: Context, local: LocalService, vault: AttachedVault, stored: Stored, mode: str) -> int:
    reports = bool(getattr(context.arguments, "report", False))
    if not reports:
        warn_of_outside(context, stored.config)
    if mode == BACKGROUND and not reports:
        return start_in_background(context, vault)
    return run_in_foreground(context, local, vault, stored)


def _show_key(context: Context, key: ApiKey) -> None:
    if key.expires is not None:
        context.out.write(f"API key will expire at: {key.expires.astimezone().replace(tzinfo=None).isoformat()}\n")
    context.out.write(f"Generated API key: {key.key.reveal()}\n")
    context.out.flush()


def _invalid(context: Context, error: SettingsError) -> int:
    context.say(f"Validation Error: {error.message}")
    if error.hint:
        context.say(f"  {error.hint}")
    return exit_codes.USAGE


def _status_lines(is_running: bool, process: ServiceProcess | None) -> list[str]:
    if process is None:
        said = "Commander Service is Running" if is_running else "No Commander Service is running currently"
        return [f"Current status: {said}"]
    if not is_running:
        return ["Current status: Commander Service is Stopped"]
    place = process.terminal or f"unknown terminal, {process.where}"
    lines = [
        f"Current status: Commander Service is Running (PID: {process.pid}, Terminal: {place})",
        f"Address: {process.url}, vault: {process.vault}",
    ]
    if process.tunnel_pid and process.tunnel_runs:
        lines.append(f"Ngrok tunnel is Running (PID: {process.tunnel_pid}, URL: {process.tunnel_url})")
    elif process.tunnel_pid:
        lines.append(f"Ngrok tunnel is Stopped (was PID: {process.tunnel_pid})")
    return lines


def _described(process: ServiceProcess) -> dict[str, object]:
    return {
        "pid": process.pid,
        "url": process.url,
        "vault": process.vault,
        "where": process.where,
        "terminal": process.terminal,
        "tunnel": process.tunnel_url if process.tunnel_runs else "",
    }


def _place(vault: AttachedVault, stored: Stored) -> str:
    folder = "/".join(stored.folder)
    return f"the record {stored.record_uid} in {vault.name}{f', folder {folder}' if folder else ''}"


def _counted(keys: tuple[ApiKey, ...]) -> str:
    return "its key no longer counts" if len(keys) == 1 else f"its {len(keys)} keys no longer count"
