"""What is said of a connection: what TLS gives up, and who refuses writing."""

import pytest

from keeperdb.connections.profile import ConnectionProfile, TlsMode
from keeperdb.engines.guarantees import read_only_label, read_only_promise, tls_in_force, tls_loss
from keeperdb.engines.registry import ENGINES, get_engine


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb", "redshift"])
def test_only_full_verification_gives_up_nothing(engine: str) -> None:
    losses = {mode: tls_loss(mode, get_engine(engine)) for mode in TlsMode if mode is not TlsMode.DEFAULT}
    assert {mode for mode, loss in losses.items() if not loss} == {TlsMode.VERIFY_FULL}
    assert len(set(losses.values())) == len(losses)


def test_what_is_in_force_by_default_depends_on_the_host() -> None:
    remote = ConnectionProfile("x", "postgresql", host="db.example")
    assert tls_in_force(remote, get_engine("postgresql")) == "verify-full"
    assert tls_in_force(remote.with_(host="127.0.0.1"), get_engine("postgresql")).startswith("prefer. Nothing is")
    assert "not encrypted" in tls_in_force(remote.with_(host="localhost"), get_engine("oracle"))


def test_a_file_has_no_encryption_on_the_way() -> None:
    assert tls_in_force(ConnectionProfile("x", "sqlite", path="/x"), get_engine("sqlite")) == ""


def test_best_effort_is_called_so_wherever_the_server_does_not_refuse() -> None:
    best_effort = {engine.id for engine in ENGINES.values() if not engine.capabilities.enforces_read_only}
    assert best_effort == {"sqlserver", "redshift"}
    for engine in ENGINES.values():
        is_best_effort = engine.id in best_effort
        assert read_only_promise(engine).startswith("Best effort" if is_best_effort else "Enforced by ")
        assert read_only_label(engine) == ("read-only (best effort)" if is_best_effort else "read-only")
