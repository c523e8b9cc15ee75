"""Options and answers: Commander's rules, questions and messages."""

import os
import re
import socket

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from keeperdb.commands.table import all_words
from keeperdb.demo.certificates import make_certificates
from keeperdb.errors import SettingsError
from keeperdb.keychain import Secret
from keeperdb.service.config import EVERY_ADDRESS
from keeperdb.service.creation import CommandNames, GivenOptions, create

NAMES = CommandNames(lambda word: word in all_words(), sorted(all_words()))
ENCRYPTION = "0123456789abcdefABCDEF@#$%^&+=xy"


class Answers:
    """Answers in their order; what was asked and said is kept."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []
        self.said: list[str] = []

    def ask(self, prompt: str) -> str:
        self.asked.append(prompt)
        if not self._answers:
            raise SettingsError("nobody is there")
        return self._answers.pop(0)

    ask_hidden = ask

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_with_a_port_and_commands_nothing_is_asked(port):
    answers = Answers()
    config, key = create(GivenOptions(port=port, commands="whoami, tree ,ls,whoami"), answers, NAMES)
    assert not answers.asked
    assert (config.port, config.bind, config.queue_enabled) == (int(port), "127.0.0.1", True)
    assert config.keys == (key,)
    assert key.commands == ("whoami", "tree", "ls")
    assert key.expires is None
    assert len(key.key.reveal()) == 44


def test_with_a_port_alone_only_the_commands_are_asked(port):
    answers = Answers("ls")
    create(GivenOptions(port=port), answers, NAMES)
    assert answers.asked == ["List of supported commands, Enter comma separated: "]


def test_every_option_reaches_the_configuration(port):
    given = GivenOptions(
        port=port,
        commands="query",
        bind="0.0.0.0",
        allowed="10.0.0.0/8, ::1",
        denied="10.0.0.1-10.0.0.9",
        file_format="JSON",
        run_mode="Background",
        queue="N",
        rate_limit="100 per HOUR",
        encryption_key=ENCRYPTION,
        expiration="24H",
        connections="chinook, Work/orders",
        ngrok="abcdefgh",
        ngrok_domain="myname",
    )
    config, key = create(given, Answers(), NAMES)
    assert (config.bind, config.allowed, config.denied) == ("0.0.0.0", ("10.0.0.0/8", "::1"), ("10.0.0.1-10.0.0.9",))
    assert (config.file_format, config.run_mode, config.queue_enabled) == ("json", "background", False)
    assert (config.rate_limit, config.encryption_key) == ("100 per HOUR", Secret(ENCRYPTION))
    assert (config.ngrok.token, config.ngrok.domain) == (Secret("abcdefgh"), "myname")
    assert key.expires is not None
    assert key.connections == ("chinook", "Work/orders")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"port": "80"}, "Port must be between 1024 and 65535"),
        ({"port": "x"}, "Port must be a valid integer"),
        ({"commands": "ls,nope,LS"}, "Invalid commands: nope, LS"),
        ({"commands": " , "}, "Command list cannot be empty"),
        ({"allowed": "10.0.0.1/33"}, "Invalid IP address or CIDR block: 10.0.0.1/33"),
        ({"denied": "10.0.0.9-10.0.0.1"}, "Invalid IP address or CIDR block: 10.0.0.9-10.0.0.1"),
        ({"ngrok": "short"}, "Invalid Ngrok auth token format"),
        ({"ngrok": " "}, "Ngrok auth token cannot be empty"),
        ({"file_format": "xml"}, "Invalid file format 'xml'. Must be 'json' or 'yaml'."),
        ({"run_mode": "x"}, "Invalid run mode 'x'. Must be 'foreground' or 'background'."),
        ({"queue": "x"}, "Invalid queue setting 'x'. Must be 'y' or 'n'."),
        ({"rate_limit": "0/hour"}, "Rate limit value cannot be 0. Please specify a positive number."),
        ({"rate_limit": "1/second"}, "Invalid rate limit format."),
        ({"encryption_key": ""}, "Encryption key cannot be empty"),
        ({"encryption_key": "abc"}, "must be 32 characters long"),
        ({"encryption_key": "!" * 32}, "must contain only alphanumeric and special characters (@#$%^&+=)"),
        ({"expiration": "7w"}, "Invalid expiration format. Use Xm, Xh, or Xd (e.g., 30m, 24h, 7d)"),
        ({"expiration": "0d"}, "Duration must be a positive number"),
        ({"expiration": "999999999d"}, "Invalid expiration format"),
        ({"certificate": "cert.txt"}, "Invalid file format for certfile"),
        ({"certificate": "missing.pem"}, "cannot be read"),
        ({"bind": "example.com"}, "--bind takes an address"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused_in_commander_s_words(port, change, message):
    with pytest.raises(SettingsError) as caught:
        create(GivenOptions(**({"port": port, "commands": "ls"} | change)), Answers(), NAMES)
    assert message in caught.value.message


def test_a_port_that_is_taken_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = str(server.getsockname()[1])
        with pytest.raises(SettingsError, match=f"Port {taken} is already in use"):
            create(GivenOptions(port=taken, commands="ls"), Answers(), NAMES)


def test_the_questions_come_in_commander_s_order_and_wrong_answers_are_asked_again(port):
    answers = Answers(
        *("nine", port, "maybe", "n", "n", "y", "y", "1/second", "100/minute", "", "10.0.0.0/8"),
        *("y", "short", ENCRYPTION, "sideways", "background", "", "ls,tree", "1w", "7d", "xml", "json"),
    )
    config, key = create(GivenOptions(), answers, NAMES)
    assert [prompt.split("(")[0].strip(" :") for prompt in dict.fromkeys(answers.asked)] == [
        "Enter Port No",
        "Enable Ngrok Tunneling?",
        "Enable TLS Certificate?",
        "Enable Request Queue?",
        "Enable Advanced Security?",
        "Rate Limit",
        "Enter Allowed IP List",
        "Enter IP Denied List",
        "Enable Encryption?",
        "Enter the private key to enable encryption",
        "Select run mode",
        "List of supported commands, Enter comma separated",
        "Token Expiration Time",
        "Select configuration format",
    ]
    assert answers.said[:2] == ["Invalid port: Port must be a valid integer", "Invalid input. Please enter 'y' or 'n'."]
    assert len(answers.said) == 8
    assert (config.port, config.rate_limit, config.allowed) == (int(port), "100/minute", EVERY_ADDRESS)
    assert (config.denied, config.run_mode, config.file_format) == (("10.0.0.0/8",), "background", "json")
    assert key.commands == ("ls", "tree")


def test_a_tunnel_leaves_the_questions_about_tls_out_and_a_known_format_that_about_the_format(port):
    answers = Answers(port, "y", "bad token", "abcdefgh", "myname", "y", "n", "foreground", "ls")
    config, _ = create(GivenOptions(), answers, NAMES, stored_format="json")
    assert not any("TLS" in prompt or "format" in prompt for prompt in answers.asked)
    assert (config.ngrok.domain, config.tls, config.file_format) == ("myname", None, "json")


@pytest.fixture
def certificate(tmp_path):
    """A folder with certificate and key in one file, and each alone; the key also encrypted."""
    both = tmp_path / "both.pem"
    make_certificates(tmp_path / "ca.pem", both)
    blocks = re.findall(rb"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----\n", both.read_bytes(), re.DOTALL)
    key = load_pem_private_key(next(block for block in blocks if b"PRIVATE KEY" in block), None)
    (tmp_path / "only.crt").write_bytes(b"".join(block for block in blocks if b"CERTIFICATE" in block))
    for name, lock in (("open.key", NoEncryption()), ("locked.key", BestAvailableEncryption(b"pass w0rd"))):
        (tmp_path / name).write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
    return tmp_path


def test_the_certificate_password_opens_an_encrypted_key(port, certificate):
    given = {"port": port, "commands": "ls", "certificate": str(certificate / "only.crt")}
    locked = given | {"certificate_key": str(certificate / "locked.key")}
    config, _ = create(GivenOptions(**locked, certificate_password="pass w0rd"), Answers(), NAMES)
    assert config.tls.password == Secret("pass w0rd")
    with pytest.raises(SettingsError) as caught:
        create(GivenOptions(**locked, certificate_password="wrong w0rd"), Answers(), NAMES)
    assert "wrong w0rd" not in str(caught.value)


def test_a_key_s_path_where_commander_has_it_is_understood_and_paths_are_made_full(port, certificate, monkeypatch):
    monkeypatch.chdir(certificate)
    given = GivenOptions(port=port, commands="ls", certificate="only.crt", certificate_password="open.key")
    config, _ = create(given, Answers(), NAMES)
    assert config.tls.certificate == os.fspath(certificate / "only.crt")
    assert config.tls.key == os.fspath(certificate / "open.key")
    assert config.tls.password is None


def test_the_key_s_file_is_asked_for_where_the_certificate_s_lacks_it(port, certificate):
    answers = Answers(
        port, "n", "y", str(certificate / "only.crt"), "", str(certificate / "open.key"), "y", "n", "foreground", "ls"
    )
    config, _ = create(GivenOptions(), answers, NAMES, stored_format="yaml")
    assert config.tls.key == str(certificate / "open.key")
    answers = Answers(port, "n", "y", str(certificate / "both.pem"), "", "y", "n", "foreground", "ls")
    config, _ = create(GivenOptions(), answers, NAMES, stored_format="yaml")
    assert "Enter Key File Path: " not in answers.asked
    assert config.tls.key == ""
