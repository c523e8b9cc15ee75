"""The container's recipe and the systemd unit: what they promise, and the container's start as far as it runs here."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from keeperdb.service.process import ServicePlace
from tests.fixtures.database_servers import free_port

_ROOT = Path(__file__).parents[2]
_CONTAINER = _ROOT / "packaging" / "container"
_UNIT = _ROOT / "packaging" / "systemd" / "keeperdb-service.service"


def instructions():
    """The recipe's instructions as (word, rest), lines joined and comments left out."""
    text = re.sub(r"^#.*\n", "", (_CONTAINER / "Containerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def test_the_container_runs_as_nobody_special_with_a_health_check_and_no_secret_inside():
    last_stage = instructions()[max(n for n, (word, _) in enumerate(instructions()) if word == "FROM") :]
    words = dict(last_stage)
    assert int(words["USER"]) > 0
    assert "health" in words["HEALTHCHECK"]
    assert words["ENTRYPOINT"] == '["entrypoint"]'
    assert words["STOPSIGNAL"] == "SIGTERM"
    assert not [
        rest for word, rest in instructions() if word in ("ENV", "ARG") and re.search(r"(?i)pass|token|key", rest)
    ]
    assert all(":" in rest.split()[0] for word, rest in instructions() if word == "FROM")


def test_everything_that_the_recipe_copies_exists_and_can_be_run():
    for word, rest in instructions():
        sources = [each for each in rest.split()[:-1] if not each.startswith("--")]
        if word == "COPY" and "--from" not in rest:
            assert all((_ROOT / each).exists() for each in sources)
    for name in ("entrypoint", "health"):
        assert (_CONTAINER / name).stat().st_mode & 0o111


def test_the_scripts_pass_the_linters():
    assert subprocess.run(["shellcheck", _CONTAINER / "entrypoint"], capture_output=True).returncode == 0
    compile((_CONTAINER / "health").read_text(), "health", "exec")


def test_the_unit_is_understood_by_systemd_and_well_fenced_in(tmp_path):
    unit = tmp_path / _UNIT.name
    unit.write_text(_UNIT.read_text().replace("/usr/bin/keeperdb", sys.executable))
    for words in (["verify", "--man=no"], ["security", "--offline=true", "--threshold=20"]):
        done = subprocess.run(["systemd-analyze", *words, unit], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-300:] + done.stderr
        assert not done.stderr


@pytest.fixture
def inside(tmp_path, cli, demo_vault):
    """What the container's start finds: its programs on the path, secrets in files, a volume."""
    demo_vault.add_shared_folder("Services")
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "keeperdb"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m keeperdb "$@"\n')
    program.chmod(0o755)
    (tmp_path / "master").write_text("correct horse battery staple\n")
    (tmp_path / "token").write_text(demo_vault.issue_token() + "\n")
    return cli.environment | {
        "PATH": f"{programs}:{cli.environment['PATH']}",
        "KEEPERDB_MASTER_PASSWORD_FILE": str(tmp_path / "master"),
        "KEEPERDB_VAULT_TOKEN_FILE": str(tmp_path / "token"),
        "KEEPERDB_VAULT_ENDPOINT": demo_vault.endpoint,
        "KEEPERDB_VAULT_SERVER_KEY": demo_vault.server_key_option,
        "KEEPERDB_VAULT_CA": str(demo_vault.ca_file),
        "KEEPERDB_SERVICE_BIND": "127.0.0.1",
    }


def run(inside, *words, **variables):
    return subprocess.Popen(
        [_CONTAINER / "entrypoint", *words], env=inside | variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def is_healthy(inside):
    return subprocess.run([sys.executable, _CONTAINER / "health"], env=inside, capture_output=True).returncode == 0


def started(process):
    """What it wrote until it was ready."""
    lines = []
    while not lines or b"initialization complete" not in lines[-1]:
        lines.append(process.stdout.readline())
        assert lines[-1], process.stderr.read().decode()
    return b"".join(lines).decode()


def test_the_container_s_start_attaches_once_makes_the_configuration_once_and_answers(inside, cli):
    assert not is_healthy(inside)
    variables = {"KEEPERDB_SERVICE_PORT": str(free_port()), "KEEPERDB_SERVICE_COMMANDS": "tree,ls"}
    first = run(inside, **variables)
    try:
        assert "Generated API key: " in started(first)
        assert is_healthy(inside)
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == 0
    finally:
        first.kill()
        first.communicate()
    assert not ServicePlace(cli.home / "data").look().is_running
    Path(inside["KEEPERDB_VAULT_TOKEN_FILE"]).unlink()
    second = run(inside, **variables)
    try:
        assert "API key" not in started(second)
        assert is_healthy(inside)
    finally:
        second.terminate()
        second.communicate()
    one = subprocess.run(
        [_CONTAINER / "entrypoint", "service-config-add", "-c", "ls"], env=inside, capture_output=True, text=True
    )
    assert "Generated API key: " in one.stdout


def test_a_missing_secret_is_named_by_its_variable(inside):
    process = run(inside, KEEPERDB_MASTER_PASSWORD_FILE="/nonexistent")
    _, said = process.communicate(timeout=60)
    assert (process.returncode, b"KEEPERDB_MASTER_PASSWORD_FILE" in said) == (2, True)
