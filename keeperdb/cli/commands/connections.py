"""`keeperdb connections`: list, show, add, edit, remove and test connections."""

from typing import TYPE_CHECKING

from keeperdb.cli import exit_codes, secret_input
from keeperdb.cli.connection_arguments import Described, described
from keeperdb.cli.context import Context
from keeperdb.cli.output import write_list, write_object
from keeperdb.cli.questions import confirm
from keeperdb.connections.profile import ConnectionProfile, PasswordMode, Source
from keeperdb.connections.validation import check_profile
from keeperdb.engines.guarantees import read_only_promise, tls_in_force
from keeperdb.engines.registry import get_engine
from keeperdb.errors import KeeperDBError, SettingsError
from keeperdb.workspace.chosen_keychain import ASK

if TYPE_CHECKING:
    from keeperdb.keychain import Secret

_COLUMNS = ("name", "source", "engine", "address", "database", "user", "folder", "problem")


def show_list(context: Context) -> int:
    word = context.arguments.source
    profiles = context.workspace.profiles(None if word == "all" else Source(word))
    rows = [_row(context, profile) for profile in profiles]
    write_list(context.out, context.arguments.format, rows, _COLUMNS)
    return exit_codes.OK


def show(context: Context) -> int:
    profile = context.workspace.find(context.arguments.name)
    write_object(context.out, context.arguments.format, _row(context, profile))
    return exit_codes.OK


def add(context: Context) -> int:
    arguments = context.arguments
    name = arguments.name
    if any(profile.name == name for profile in context.workspace.profiles(Source.LOCAL)):
        raise SettingsError(f"There is a local connection “{name}” already.", "Choose another name, or edit that one.")
    new = described(arguments, ConnectionProfile(name=name, engine=""))
    _check(new.profile)
    _save(context, new.profile, _new_password(context, new.profile, new.password))
    _say_saved(context, "Added", new)
    return exit_codes.OK


def edit(context: Context) -> int:
    arguments = context.arguments
    profile = context.workspace.find(arguments.name)
    changed = described(arguments, profile)
    _check(changed.profile)
    given = secret_input.from_stdin("password") if arguments.password_stdin else changed.password
    _save(context, changed.profile, given)
    _say_saved(context, "Saved", changed)
    return exit_codes.OK


def remove(context: Context) -> int:
    workspace = context.workspace
    profile = workspace.find(context.arguments.name)
    if not confirm(context, f"Remove “{profile.name}” and its password?"):
        return exit_codes.OK
    if profile.password_mode is PasswordMode.KEYCHAIN and _has_users(profile):
        context.unlock()
    context.run(lambda task: workspace.remove(profile, task).forget())
    context.say(f"Removed “{profile.name}”.")
    return exit_codes.OK


def test(context: Context) -> int:
    profile = context.workspace.find(context.arguments.name)
    context.out.write(context.test(profile) + "\n")
    return exit_codes.OK


def _say_saved(context: Context, verb: str, saved: Described) -> None:
    context.say(f"{verb} “{saved.profile.name}”.")
    if saved.left_out:
        context.say(f"Left out of it, because KeeperDB has no use for them: {', '.join(saved.left_out)}.")


def _save(context: Context, profile: ConnectionProfile, password: "Secret | None") -> None:
    workspace = context.workspace
    if password is not None:
        context.unlock()
        if workspace.keychain.kind == ASK:
            context.say("Warning: The password is not kept, because connections.keychain is “ask”.")
    context.run(lambda task: workspace.save(profile, password, task))


def _new_password(context: Context, profile: ConnectionProfile, password: "Secret | None") -> "Secret | None":
    """The password of a new connection: from its URL, standard input or the person; None if it has or needs none."""
    if password is not None:
        return password
    if context.arguments.password_stdin:
        return secret_input.from_stdin("password")
    if _has_users(profile) and profile.password_mode is PasswordMode.KEYCHAIN and secret_input.can_ask():
        return secret_input.ask(f"Password of {profile.user or 'the user'} at {profile.address}: ") or None
    return None


def _check(profile: ConnectionProfile) -> None:
    """Raises `SettingsError` with everything that is wrong."""
    engine = get_engine(profile.engine) if profile.engine else None
    if engine is None:
        raise SettingsError("No engine is given.", "Add --engine, such as --engine postgresql, or --url.")
    is_file = engine.capabilities.is_file
    problems = check_profile(profile, is_file=is_file, needs_path=is_file, options=engine.options)
    if problems:
        raise SettingsError(
            " ".join(problem.message for problem in problems),
            " ".join(problem.hint for problem in problems if problem.hint),
        )


def _has_users(profile: ConnectionProfile) -> bool:
    try:
        return get_engine(profile.engine).capabilities.has_users
    except KeeperDBError:  # an engine that only another version knows
        return True


def _promises(profile: ConnectionProfile) -> dict[str, object]:
    """What holds for a connection, in words."""
    try:
        engine = get_engine(profile.engine)
    except KeeperDBError:
        return {"tls_in_force": None, "read_only_by": None}
    return {
        "tls_in_force": tls_in_force(profile, engine) or None,
        "read_only_by": read_only_promise(engine) if profile.read_only else None,
    }


def _row(context: Context, profile: ConnectionProfile) -> dict[str, object]:
    used = context.workspace.last_used(profile.id)
    row: dict[str, object] = {
        "name": profile.name,
        "full_name": profile.full_name,
        "id": profile.id,
        "source": str(profile.source),
        "vault": profile.vault.vault_name if profile.vault else None,
        "engine": profile.engine,
        "address": profile.address,
        "host": profile.host,
        "port": profile.port,
        "path": profile.path,
        "database": profile.database,
        "user": profile.user,
        "password_mode": str(profile.password_mode) if profile.source is Source.LOCAL else None,
        "tls": str(profile.tls),
        "folder": "/".join(profile.folder),
        "color": profile.color,
        "environment": str(profile.environment),
        "read_only": profile.read_only,
        "commit_mode": str(profile.commit_mode),
        "options": dict(profile.options),
        "notes": profile.notes,
        "last_used": used.isoformat(timespec="seconds") if used else None,
        "problem": profile.problem,
        "problem_hint": profile.problem_hint,
        **_promises(profile),
    }
    return row
