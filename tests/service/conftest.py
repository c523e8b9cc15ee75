"""A service for the tests of this folder, on a demo vault of the module's own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from keeperdb.demo.vault_server import DemoVault
from keeperdb.service.server import Service
from tests.service.running import KEY, OTHER_KEY, ServiceClient, ServiceVault, api_key, attach, fill, service_config

StartService = Callable[..., Service]


@pytest.fixture(scope="module")
def service_vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceVault]:
    with DemoVault() as vault:
        records = fill(vault)
        yield ServiceVault(vault, attach(vault, tmp_path_factory.mktemp("service") / "home"), records)


@pytest.fixture
def start_service(service_vault: ServiceVault) -> Iterator[StartService]:
    """Services on the module's vault; the members of the configuration are given, and each is stopped in the end."""
    started: list[Service] = []

    def start(**members: Any) -> Service:
        service = Service(service_config(**members), service_vault.state)
        started.append(service)
        service.start()
        return service

    yield start
    for service in started:
        service.stop()


@pytest.fixture(scope="module")
def service(service_vault: ServiceVault) -> Iterator[Service]:
    """One that every test of the module shares: a key for everything, and one for `whoami` and `ls` only."""
    keys = (api_key(), api_key(OTHER_KEY, ("whoami", "ls")))
    running = Service(service_config(keys=keys), service_vault.state)
    running.start()
    yield running
    running.stop()


Connect = Callable[..., ServiceClient]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Clients of a service; their connections are closed in the end."""
    clients: list[ServiceClient] = []

    def make(service: Service, key: str | None = KEY, **members: Any) -> ServiceClient:
        clients.append(ServiceClient(service.port, key, **members))
        return clients[-1]

    yield make
    for each in clients:
        each.close()


@pytest.fixture
def client(service: Service, connect: Connect) -> ServiceClient:
    return connect(service)
