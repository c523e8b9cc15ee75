"""The cryptography of the protocol."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keeper_secrets_manager_core.crypto import CryptoUtils

from keeperdb.demo import protocol
from keeperdb.demo.file_verbs import parse_form
from keeperdb.demo.protocol import CipherError, KeyPair
from keeperdb.demo.wire import WireError

_KEY = protocol.new_key()
_PAIR = KeyPair()


@given(st.binary())
def test_what_is_sealed_opens_here_and_in_the_sdk(data: bytes) -> None:
    assert protocol.unseal(protocol.seal(data, _KEY), _KEY) == data
    assert CryptoUtils.decrypt_aes(protocol.seal(data, _KEY), _KEY) == data
    assert protocol.unseal_cbc(protocol.seal_cbc(data, _KEY), _KEY) == data
    assert CryptoUtils.decrypt_aes_cbc(protocol.seal_cbc(data, _KEY), _KEY) == data


@given(st.binary(max_size=100))
def test_envelopes_of_both_sides_open(data: bytes) -> None:
    assert _PAIR.open_envelope(protocol.make_envelope(data, _PAIR.point)) == data
    assert _PAIR.open_envelope(CryptoUtils.public_encrypt(data, _PAIR.point)) == data


@given(st.binary())
def test_every_form_of_base64_is_read(data: bytes) -> None:
    standard, url_safe = base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode()
    for text in (standard, url_safe, standard.rstrip("="), url_safe.rstrip("="), protocol.to_url_base64(data)):
        assert protocol.from_base64(text) == data


@pytest.mark.parametrize("text", ["a", "!!!!", "AA AA", "ä", None, 1, b"AAAA"])
def test_what_is_not_base64_is_refused(text: object) -> None:
    with pytest.raises(CipherError):
        protocol.from_base64(text)


@pytest.mark.parametrize("blob", [b"", b"short", bytes(64)])
def test_a_wrong_blob_is_refused_by_every_cipher(blob: bytes) -> None:
    for operation in (protocol.unseal, protocol.unseal_cbc):
        with pytest.raises(CipherError):
            operation(blob, _KEY)
    with pytest.raises(CipherError):
        _PAIR.open_envelope(blob)


def test_a_signature_is_of_one_key_and_one_message() -> None:
    signer = CryptoUtils.generate_private_key_ecc()
    signature, point = CryptoUtils.sign(b"message", signer), CryptoUtils.public_key_ecc(signer)
    assert protocol.is_signed_by(point, signature, b"message")
    assert not protocol.is_signed_by(point, signature, b"another")
    assert not protocol.is_signed_by(_PAIR.point, signature, b"message")
    assert not protocol.is_signed_by(b"no point", signature, b"message")


def test_uids_never_begin_with_a_hyphen() -> None:
    uids = [protocol.new_uid() for _ in range(500)]
    assert {len(uid) for uid in uids} == {22}
    assert not [uid for uid in uids if uid.startswith("-")]


@given(st.dictionaries(st.text("abcdef", min_size=1), st.binary(), max_size=4))
def test_forms_are_read_byte_for_byte(fields: dict[str, bytes]) -> None:
    boundary = b"b0undary-that-is-in-no-field"
    parts = [
        b'\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (n.encode(), v) for n, v in fields.items()
    ]
    body = b"--" + boundary + (b"--" + boundary).join([*parts, b"--\r\n"])
    assert parse_form(f"multipart/form-data; boundary={boundary.decode()}", body) == fields


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary="])
def test_an_upload_that_is_no_form_is_refused(kind: str) -> None:
    with pytest.raises(WireError, match="not a form"):
        parse_form(kind, b"")
