"""The packages' recipes: what can be checked without building the whole program, which `make test-package` does."""

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_PACKAGING = _ROOT / "packaging"
_DESKTOP = _PACKAGING / "desktop"
_SCRIPTS = sorted(
    path
    for path in _PACKAGING.rglob("*")
    if path.is_file() and path.read_bytes().startswith((b"#!/usr/bin/env bash", b"#!/bin/sh"))
)
_XML = sorted(path for path in _PACKAGING.rglob("*") if path.suffix in (".xml", ".wxs"))


@pytest.mark.parametrize("script", _SCRIPTS, ids=lambda path: path.name)
def test_shell_scripts_have_no_known_fault(script: Path) -> None:
    done = subprocess.run(["shellcheck", "--severity=warning", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", _XML, ids=lambda path: path.name)
def test_xml_is_well_formed(path: Path) -> None:
    assert ElementTree.parse(path).getroot().tag


def test_the_desktop_entry_is_valid_and_opens_what_the_types_define() -> None:
    done = subprocess.run(
        ["desktop-file-validate", _DESKTOP / "keeperdb.desktop"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    opened = set(re.findall(r"[\w-]+/[\w.-]+", (_DESKTOP / "keeperdb.desktop").read_text().partition("MimeType=")[2]))
    types = ElementTree.parse(_DESKTOP / "keeperdb-mime.xml").getroot()
    defined = {str(each.get("type")) for each in types}
    assert {"application/sql", "application/vnd.sqlite3", "x-scheme-handler/keeperdb"} == opened
    assert opened - {"x-scheme-handler/keeperdb"} == defined


def test_the_icon_is_drawn_in_every_size(tmp_path: Path) -> None:
    subprocess.run([sys.executable, _DESKTOP / "render_icons.py", tmp_path, "--ico", tmp_path / "k.ico"], check=True)
    assert (tmp_path / "48x48" / "apps" / "keeperdb.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "k.ico").read_bytes().startswith(b"\0\0\1\0")


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs Debian's dpkg-deb")
def test_the_package_holds_program_entry_types_and_icons_owned_by_root(tmp_path: Path) -> None:
    folder = tmp_path / "keeperdb"
    folder.mkdir()
    (folder / "keeperdb").write_text("#!/bin/sh\n")
    (folder / "keeperdb").chmod(0o700)
    package = _built(folder, tmp_path)
    listing = subprocess.run(["dpkg-deb", "-c", package], capture_output=True, text=True, check=True).stdout
    for path in (
        "./usr/lib/keeperdb/keeperdb",
        "./usr/bin/keeperdb -> ../lib/keeperdb/keeperdb",
        "./usr/share/applications/keeperdb.desktop",
        "./usr/share/mime/packages/keeperdb.xml",
        "./usr/share/icons/hicolor/48x48/apps/keeperdb.png",
        "./usr/share/doc/keeperdb/copyright",
    ):
        assert re.search(rf" {re.escape(path)}$", listing, re.MULTILINE), path
    assert all(" root/root " in line for line in listing.splitlines())
    assert re.search(r"^-rwxr-xr-x .* \./usr/lib/keeperdb/keeperdb$", listing, re.MULTILINE)


def _built(folder: Path, output: Path) -> str:
    command = [_DESKTOP / "build-deb", folder, output]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=_environment())
    return done.stdout.strip()


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHON": sys.executable, "LANG": "C.UTF-8"}


def test_no_recipe_names_a_machine_or_holds_a_secret() -> None:
    for path in _PACKAGING.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            text = path.read_text()
            assert not re.search(r"/(home|root|work)/(?!tester)\w", text), path
            assert not re.search(r"(?i)(password|token)\s*=\s*['\"]\w{6}", text), path
