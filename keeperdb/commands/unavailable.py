"""Commander's commands that a Secrets Manager application cannot carry out, and why."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from keeperdb.commands.command import Command, Output, Run
from keeperdb.errors import CommandError, CommandKind

if TYPE_CHECKING:
    from keeperdb.commands.context import Context

CATEGORY = "Not with Secrets Manager"
_USERS = "users, teams and the enterprise"
_SHARING = "sharing"
_OWNERSHIP = "the ownership and merging of records"
_TRASH = "the trash and the history of records"
_PERSONAL = "the account's own login and settings"
_PAM = "the Keeper Gateway"
_BULK = "import and export of the whole account"

_NAMES = {
    _USERS: "enterprise-info ei enterprise-user eu enterprise-role er enterprise-team et enterprise-node en "
    "enterprise-push enterprise-down device-approve team-approve audit-log audit-report audit-alert user-report "
    "security-audit-report msp-info msp-down switch-to-mc switch-to-msp list-team lt list-user scim epm pedm "
    "transfer-user action-report aging-report compliance share-report external-shares-report shared-records-report",
    _SHARING: "share-record sr share-folder sf one-time-share ots ln shortcut record-permission "
    "nsf-share-record nsf-share-folder nsf-record-add nsf-convert transform-folder "
    "convert secrets-manager ksm blueprint share",
    _OWNERSHIP: "transfer-ownership find-ownerless find-duplicate",
    _TRASH: "trash record-history rh undelete",
    _PERSONAL: "login logout login-status reset-password sync-security-data breachwatch bw 2fa biometric sso-cloud "
    "user-info set-proxy proxy shell",
    _PAM: "pam rotate pam-tunnel connect ssh rdp",
    _BULK: "import export run-batch run download-membership apply-membership download-record-types "
    "load-record-types unload-record-types record-type rt",
}


def why_not(subject: str) -> str:
    """The sentence that the command answers."""
    return f"A Secrets Manager application has no access to {subject}."


def _no_options(parser: ArgumentParser) -> None:
    """What follows the name is not parsed: the answer is the same."""


def _refusal(subject: str) -> Run:
    def run(context: "Context", arguments: Namespace) -> Output:
        raise CommandError(CommandKind.FORBIDDEN, why_not(subject), "Use Keeper Commander or the vault for it.")

    return run


UNAVAILABLE = tuple(
    Command(name, (), CATEGORY, why_not(subject), _no_options, _refusal(subject), is_available=False)
    for subject, names in _NAMES.items()
    for name in names.split()
)
