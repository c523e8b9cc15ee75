"""What each environment brings along: commit mode, read-only, confirmation, row cap and time-outs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from keeperdb.connections.profile import CommitMode, ConnectionProfile, Environment
from keeperdb.settings import Settings


class Confirmation(StrEnum):
    """Which statements ask first."""

    OFF = "off"
    DANGEROUS = "dangerous"  # DROP, TRUNCATE, UPDATE and DELETE of all rows
    TYPED = "typed"  # the same, and the name of the table is typed
    CHANGES = "changes"  # every change; the dangerous ones typed


@dataclass(frozen=True, slots=True)
class Policy:
    """How careful a session is. 0 stands for no limit.

    `row_cap` is how many rows of one result are kept in memory, `statement_timeout` seconds after which the server
    ends a statement, `idle_minutes` how long a transaction may stay open before the window warns of it. `read_only`
    is what a new connection is proposed.
    """

    commit_mode: CommitMode = CommitMode.AUTO
    read_only: bool = False
    confirmation: Confirmation = Confirmation.DANGEROUS
    row_cap: int = 0
    statement_timeout: int = 0
    idle_minutes: int = 30

    @property
    def in_words(self) -> str:
        """One sentence for the window."""
        parts = [_COMMIT_WORDS[self.commit_mode], _CONFIRMATION_WORDS[self.confirmation]]
        if self.read_only:
            parts.append("read-only unless told otherwise")
        if self.statement_timeout:
            parts.append(f"statements end after {_duration(self.statement_timeout)}")
        if self.row_cap:
            parts.append(f"at most {self.row_cap:,} rows of a result")
        text = "; ".join(parts)
        return f"{text[0].upper()}{text[1:]}."


POLICIES: Mapping[Environment, Policy] = MappingProxyType(
    {
        Environment.NONE: Policy(),
        Environment.DEVELOPMENT: Policy(),
        Environment.TEST: Policy(),
        Environment.STAGING: Policy(CommitMode.SMART, statement_timeout=1_800, idle_minutes=15),
        Environment.PRODUCTION: Policy(
            CommitMode.MANUAL,
            read_only=True,
            confirmation=Confirmation.TYPED,
            row_cap=1_000_000,
            statement_timeout=600,
            idle_minutes=5,
        ),
    }
)

_COMMIT_WORDS = {
    CommitMode.AUTO: "each statement commits by itself",
    CommitMode.MANUAL: "commit by hand",
    CommitMode.SMART: "commit by hand from the first change on",
}
_CONFIRMATION_WORDS = {
    Confirmation.OFF: "nothing asks first",
    Confirmation.DANGEROUS: "what destroys asks first",
    Confirmation.TYPED: "what destroys asks for the name to be typed",
    Confirmation.CHANGES: "every change asks first",
}
_FROM_SETTINGS = {
    "row_cap": "safety.row_cap",
    "statement_timeout": "safety.statement_timeout",
    "idle_minutes": "safety.idle_minutes",
}


def policy_of(profile: ConnectionProfile, settings: Settings | None = None) -> Policy:
    """What holds for `profile`: its own fields, then what the person has set, then the environment.

    The confirmation can be set stricter for all, and off for all but production.
    """
    policy = POLICIES[profile.environment]
    if settings is not None:
        policy = _with_settings(policy, profile.environment, settings)
    if profile.commit_mode is not CommitMode.DEFAULT:
        policy = replace(policy, commit_mode=profile.commit_mode)
    if "statement_timeout" in profile.options:  # the engine sets it
        policy = replace(policy, statement_timeout=0)
    return replace(policy, read_only=profile.read_only)


def _with_settings(policy: Policy, environment: Environment, settings: Settings) -> Policy:
    for field, name in _FROM_SETTINGS.items():
        if not settings.is_default(name):
            policy = replace(policy, **{field: settings.number(name)})  # type: ignore[arg-type]
    chosen = settings.text("safety.confirmation")
    is_weaker_on_production = environment is Environment.PRODUCTION and chosen != Confirmation.CHANGES
    if chosen == "environment" or is_weaker_on_production:
        return policy
    return replace(policy, confirmation=Confirmation(chosen))


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{seconds} s" if rest or not minutes else f"{minutes} min"
