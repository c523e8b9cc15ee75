"""Passwords, phrases and keys that are made."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnemonic import Mnemonic

from keeperdb.commands.passwords import SYMBOLS, Rules, random_password, strength

_COUNTS = st.none() | st.integers(0, 9)


@given(st.integers(1, 60), st.builds(Rules, _COUNTS, _COUNTS, _COUNTS, _COUNTS))
def test_a_password_keeps_to_its_rules(length, rules) -> None:
    password = random_password(length, rules)
    kinds = {
        "uppercase": string.ascii_uppercase,
        "lowercase": string.ascii_lowercase,
        "digits": string.digits,
        "symbols": SYMBOLS,
    }
    counts = rules.counts() or {"lowercase": 1}
    assert len(password) == max(length, sum(counts.values()))
    for name, characters in kinds.items():
        found = sum(character in characters for character in password)
        assert found >= counts.get(name, 0)
        assert found == 0 or name in counts


def test_generate_answers_as_commander_does(remote) -> None:
    body = remote.ok("generate")
    assert body["message"] == "Password generated successfully"
    [made] = body["data"]["passwords"]
    assert (body["data"]["count"], len(made["password"]), made["strength"]) == (1, 20, 100)
    assert made["breach_watch"] is None
    assert [each.keys() for each in remote.data("gen -q -n 3")["passwords"]] == [{"password"}] * 3
    assert remote.data("generate --format=json -nb")[0].keys() == {"password", "strength"}


def test_phrases_and_keys(remote) -> None:
    def one(options: str) -> str:
        return str(remote.data(f"generate -q {options} --format json")[0]["password"])

    assert Mnemonic("english").check(one("--recoveryphrase"))
    assert len(one("--dice-rolls 7").split(" ")) == 7
    assert len(one("-dr 7 -dl _").split("_")) == 7
    assert len(one("--passphrase -ppc 4").split("-")) == 4
    assert one("--passphrase --pp-no-capitalize -ppn").replace("-", "").islower()
    assert len(base64.urlsafe_b64decode(one("--aes-key") + "=")) == 32
    assert len(one("--crypto -c 40")) == 40
    assert one("-c 30 -s 0 -d 30").isdigit()
    assert len(one("-r 2,2,2,2 -c 4")) == 8


@pytest.mark.parametrize("options", ["-n 0", "-n 1001", "-c 0", "-c 99999", "-r 1,2", "-r a,b,c,d", "-s -1", "-dr -1"])
def test_numbers_out_of_range_are_refused(remote, options) -> None:
    assert remote.refused(f"generate {options}", 400)


def test_strength_grows_with_length_and_variety() -> None:
    found = [
        strength(password)
        for password in ("", "aaaaaaaaaaaa", "password", "passwordpass", "P4ssw0rd!x", "k9$Zq!x7Bv#2Lm@w")
    ]
    assert found == sorted(found)
    assert (found[0], found[-1]) == (0, 100)
