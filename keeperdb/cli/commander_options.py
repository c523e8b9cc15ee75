"""Options of Commander's service commands that mean nothing here: some are ignored, the others say why."""

import argparse
from collections.abc import Sequence
from typing import Any

from keeperdb.cli.connection_options import Argument, argument
from keeperdb.cli.parser import UsageError

_NO_CLOUDFLARE = (
    "Cloudflare tunnels are not opened. Run cloudflared beside the service, and name its address in trusted_proxies "
    "and its host name in allowed_hosts."
)
_NO_RECORD_UPDATE = (
    "The key is printed and not written to another record. A container keeps it in the record of the configuration."
)


class _Refusal(argparse.Action):
    """Raises `UsageError` with the reason where its option is given."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        raise UsageError(parser, f"{option_string}: {self.const}")


def _refused(*names: str, why: str) -> Argument:
    return argument(*names, action=_Refusal, nargs="?", const=why, dest="refused", help=argparse.SUPPRESS)


def _ignored(name: str) -> Argument:
    return argument(name, dest="ignored", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


IGNORED_OUTPUT = _ignored("--output")
IGNORED = (_ignored("--format"), IGNORED_OUTPUT)
NOT_OFFERED = (
    _refused("-cf", "--cloudflare", why=_NO_CLOUDFLARE),
    _refused("-cfd", "--cloudflare_custom_domain", why=_NO_CLOUDFLARE),
    _refused("-ur", "--update-vault-record", why=_NO_RECORD_UPDATE),
)
