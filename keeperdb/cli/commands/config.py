"""`keeperdb config`: read and change settings."""

from keeperdb.cli import exit_codes
from keeperdb.cli.context import Context
from keeperdb.cli.output import write_list
from keeperdb.settings import SETTINGS, Value, find_setting

_KEYCHAIN = "connections.keychain"


def get(context: Context) -> int:
    setting = find_setting(context.arguments.setting)
    context.out.write(_text(context.workspace.settings.get(setting.name)) + "\n")
    return exit_codes.OK


def set_value(context: Context) -> int:
    setting = find_setting(context.arguments.setting)
    value = setting.parse(context.arguments.value)
    settings = context.workspace.settings
    if setting.name == _KEYCHAIN:
        _choose_keychain(context, str(value))
    else:
        context.run(lambda task: settings.set(setting.name, value))
    return exit_codes.OK


def show_list(context: Context) -> int:
    settings = context.workspace.settings
    rows = [
        {
            "setting": setting.name,
            "value": settings.get(setting.name),
            "default": setting.default,
            "choices": [choice for choice, _ in setting.choices],
            "label": setting.label,
            "help": setting.help,
        }
        for setting in SETTINGS.values()
    ]
    write_list(context.out, context.arguments.format, rows, ("setting", "value", "default", "help"))
    return exit_codes.OK


def _choose_keychain(context: Context, kind: str) -> None:
    """Move what is kept; the encrypted file, old or new, is unlocked first."""
    from keeperdb.keychain import FileKeychain, open_keychain

    workspace = context.workspace
    if kind == workspace.keychain.kind:
        return
    context.unlock()
    target = open_keychain(kind, workspace.paths)
    password = context.master_password(is_new=not target.exists) if isinstance(target, FileKeychain) else None
    old = workspace.keychain.label
    context.run(lambda task: workspace.choose_keychain(kind, task, master_password=password))
    if kind == "ask":
        context.say(f"From now on passwords are asked for. What is kept already stays in: {old}.")
    else:
        context.say(f"Passwords and vault access are kept in: {workspace.keychain.label}.")


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
