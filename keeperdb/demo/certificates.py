"""A certificate authority of its own for the demo vault, and the certificate of its server."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from keeperdb.paths import write_atomically

_VALIDITY = timedelta(days=365)
_LEEWAY = timedelta(hours=1)  # for clocks that are a little apart
_ADDRESSES = ("127.0.0.1", "::1")


def make_certificates(ca_file: Path, server_file: Path) -> None:
    """Write the authority's certificate, and key and certificate of a server on loopback that it signed.

    The authority's key is forgotten: it signs nothing else. Files that are still valid are kept, so that
    clients which trust them go on working. Raises `StoreError`.
    """
    if server_file.exists() and ca_file.exists() and _is_valid(ca_file):
        return
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _server(key.public_key(), authority, authority_key)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_atomically(server_file, private + certificate.public_bytes(Encoding.PEM))
    write_atomically(ca_file, authority.public_bytes(Encoding.PEM))


def _is_valid(ca_file: Path) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(ca_file.read_bytes())
    except ValueError:
        return False
    return certificate.not_valid_after_utc > datetime.now(UTC) + _LEEWAY


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = _name("KeeperDB demo authority")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = _builder(name, name, key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return builder.sign(key, hashes.SHA256())


def _server(
    key: ec.EllipticCurvePublicKey, authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    names: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address(address)) for address in _ADDRESSES]
    names.append(x509.DNSName("localhost"))
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    builder = _builder(_name("KeeperDB demo vault"), authority.subject, key)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(identifier, critical=False)
    return builder.sign(authority_key, hashes.SHA256())


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - _LEEWAY).not_valid_after(now + _VALIDITY)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
