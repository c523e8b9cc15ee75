"""A tunnel by a stand-in of the ngrok agent, asked through the interface that the real one documents."""

import os

import pytest

from keeperdb.errors import Cancelled, ConnectError, UnsupportedError
from keeperdb.keychain import Secret
from keeperdb.service.config import Ngrok
from keeperdb.service.ngrok import open_tunnel, url_of
from keeperdb.service.process_identity import identity_of
from keeperdb.task import Task
from tests.fixtures.ngrok_fixtures import PUBLIC_URL, TOKEN


@pytest.fixture
def agent(ngrok, monkeypatch):
    monkeypatch.setenv("PATH", ngrok.path)
    return ngrok


def test_the_public_address_is_the_one_that_leads_to_our_port(agent):
    tunnel = open_tunnel(Ngrok(Secret(TOKEN)), 9090)
    try:
        assert tunnel.public_url == PUBLIC_URL
        assert tunnel.is_running
        assert tunnel.began == identity_of(tunnel.pid) != ""
    finally:
        tunnel.close()
    assert not tunnel.is_running
    assert identity_of(tunnel.pid) == ""


def test_the_token_is_in_the_agent_s_environment_and_never_among_its_words(agent):
    open_tunnel(Ngrok(Secret(TOKEN), "myname"), 9090).close()
    assert agent.had_token
    assert TOKEN not in agent.arguments
    assert "https://myname.ngrok.io" in agent.arguments
    assert "NGROK_AUTHTOKEN" not in os.environ


def test_what_the_agent_says_is_told_without_the_token(agent):
    agent.refuse()
    with pytest.raises(ConnectError, match="authtoken you specified is not valid") as caught:
        open_tunnel(Ngrok(Secret(TOKEN)), 9090)
    assert TOKEN not in str(caught.value)


def test_without_the_agent_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnsupportedError, match="not installed"):
        open_tunnel(Ngrok(Secret(TOKEN)), 9090)


def test_waiting_for_the_address_can_be_given_up_and_leaves_no_agent(agent):
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        open_tunnel(Ngrok(Secret(TOKEN)), 9090, task.check)


def test_the_agent_goes_where_the_service_listens(agent):
    open_tunnel(Ngrok(Secret(TOKEN)), 9090, address="::1").close()
    assert "http://[::1]:9090" in agent.arguments


def test_a_bare_name_is_one_of_ngrok_s_own():
    assert [url_of(each) for each in ("", "me", "me.example.com")] == [
        "",
        "https://me.ngrok.io",
        "https://me.example.com",
    ]
