"""Keys of this Salt: a self-signed certificate for salt-api, and minion keys that the master accepts in advance."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
DAYS = 365


def write(path: Path, data: bytes) -> None:
    """Write a file that only this user can read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(data)


def private(key: rsa.RSAPrivateKey) -> bytes:
    """The key in the PEM form that Salt and CherryPy read."""
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def make_certificate(folder: Path) -> None:
    """Make api.key and the self-signed api.crt, if they are missing or expire within 30 days."""
    certificate = folder / "api.crt"
    if certificate.is_file():
        ends = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
        if ends > datetime.now(UTC) + timedelta(days=30):
            return
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Baton's own Salt")])
    now = datetime.now(UTC)
    here = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address(HOST))])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    write(folder / "api.key", private(key))
    write(certificate, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def make_minion_key(minion: Path, accepted: Path) -> None:
    """Make a minion's key pair, and store the public key among the master's accepted keys."""
    if (minion / "minion.pem").is_file() and accepted.is_file():
        return
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    write(minion / "minion.pem", private(key))
    write(minion / "minion.pub", public)
    write(accepted, public)
