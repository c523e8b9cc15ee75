"""What each environment brings along, and who may say otherwise."""

import pytest

from keeperdb.connections.profile import CommitMode, ConnectionProfile, Environment
from keeperdb.query.policy import POLICIES, Confirmation, policy_of
from keeperdb.settings import Settings


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(tmp_path / "settings.json")


def connection(environment: Environment, **fields: object) -> ConnectionProfile:
    return ConnectionProfile("c", "sqlite", environment=environment, **fields)  # type: ignore[arg-type]


def test_every_environment_has_a_policy() -> None:
    assert set(POLICIES) == set(Environment)


def test_production_is_the_most_careful() -> None:
    policy = POLICIES[Environment.PRODUCTION]
    assert policy.commit_mode is CommitMode.MANUAL
    assert policy.confirmation is Confirmation.TYPED
    assert policy.read_only
    assert policy.statement_timeout > 0
    assert policy.row_cap > 0


def test_the_commit_mode_of_the_connection_wins(settings: Settings) -> None:
    assert policy_of(connection(Environment.PRODUCTION), settings).commit_mode is CommitMode.MANUAL
    own = connection(Environment.PRODUCTION, commit_mode=CommitMode.AUTO)
    assert policy_of(own, settings).commit_mode is CommitMode.AUTO


def test_read_only_is_proposed_and_not_imposed() -> None:
    assert not policy_of(connection(Environment.PRODUCTION)).read_only
    assert policy_of(connection(Environment.NONE, read_only=True)).read_only


def test_limits_that_are_set_win_over_the_environment(settings: Settings) -> None:
    settings.set_many({"safety.statement_timeout": 7, "safety.row_cap": 50, "safety.idle_minutes": 2})
    for environment in Environment:
        policy = policy_of(connection(environment), settings)
        assert (policy.statement_timeout, policy.row_cap, policy.idle_minutes) == (7, 50, 2)


def test_a_time_out_among_the_options_of_the_connection_is_left_to_the_engine() -> None:
    own = ConnectionProfile("c", "postgresql", environment=Environment.PRODUCTION, options={"statement_timeout": "5s"})
    assert policy_of(own).statement_timeout == 0


@pytest.mark.parametrize(
    ("chosen", "environment", "expected"),
    [
        ("environment", Environment.NONE, Confirmation.DANGEROUS),
        ("off", Environment.DEVELOPMENT, Confirmation.OFF),
        ("off", Environment.PRODUCTION, Confirmation.TYPED),
        ("dangerous", Environment.PRODUCTION, Confirmation.TYPED),
        ("changes", Environment.PRODUCTION, Confirmation.CHANGES),
        ("changes", Environment.NONE, Confirmation.CHANGES),
    ],
)
def test_confirmation_can_be_set_but_never_weaker_on_production(
    settings: Settings, chosen: str, environment: Environment, expected: Confirmation
) -> None:
    settings.set("safety.confirmation", chosen)
    assert policy_of(connection(environment), settings).confirmation is expected


def test_a_policy_is_told_in_one_sentence() -> None:
    assert POLICIES[Environment.PRODUCTION].in_words == (
        "Commit by hand; what destroys asks for the name to be typed; read-only unless told otherwise; "
        "statements end after 10 min; at most 1,000,000 rows of a result."
    )
