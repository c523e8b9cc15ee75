"""No key stands in the source: a key that everybody has protects nothing."""

import ast
import base64
import binascii
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

_SOURCE = Path(__file__).parents[1] / "keeperdb"
_KEY_LENGTHS = (16, 24, 32)  # bytes of AES-128, -192 and -256
_NO_KEYS = {b"KEEPER_SECRETS_MANAGER_CLIENT_ID"}  # what the protocol hashes *with* a key
_CRYPTOGRAPHY = {"cryptography", "argon2", "hmac", "Crypto", "Cryptodome", "nacl"}


def constant_keys(source: str) -> list[int]:
    """Lines of a module that uses cryptography and has a literal of the length of a key."""
    tree = ast.parse(source)
    if not _imported(tree) & _CRYPTOGRAPHY:
        return []
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.expr) and _is_key(node)]


def _imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def _is_key(node: ast.expr) -> bool:
    return any(len(value) in _KEY_LENGTHS and value not in _NO_KEYS for value in _values(node))


def _values(node: ast.expr) -> Iterator[bytes]:
    """The bytes that a literal is, or is likely to be turned into."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
        yield node.value
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from _encoded(node.value)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        sides = [side.value for side in (node.left, node.right) if isinstance(side, ast.Constant)]
        if {type(side) for side in sides} == {bytes, int}:
            yield sides[0] * sides[1]
    elif isinstance(node, ast.List | ast.Tuple):
        numbers = [item.value for item in node.elts if isinstance(item, ast.Constant)]
        if len(numbers) == len(node.elts) and all(type(each) is int and 0 <= each < 256 for each in numbers):
            yield bytes(numbers)


def _encoded(text: str) -> Iterator[bytes]:
    if re.fullmatch(r"(?:[0-9a-fA-F]{2}){16,32}", text):
        yield bytes.fromhex(text)
    elif re.fullmatch(r"[A-Za-z0-9+/_-]{22,43}={0,2}", text) and re.search(r"[0-9]", text):
        try:
            yield base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_").rstrip("=") + "==")
        except binascii.Error:
            return


@pytest.mark.parametrize("path", sorted(_SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(_SOURCE)))
def test_module_has_no_constant_key(path: Path) -> None:
    assert constant_keys(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "literal",
    [
        'b"0123456789abcdef"',
        'b"\\x00" * 32',
        "32 * b'k'",
        '"000102030405060708090a0b0c0d0e0f"',
        '"AAECAwQFBgcICQoLDA0ODw=="',
        "bytes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])",
    ],
)
def test_a_constant_key_is_found(literal: str) -> None:
    assert constant_keys(f"from cryptography import x\n\nKEY = {literal}\n") == [3]
