"""Signature and AES-256-CBC envelope of WeCom callbacks."""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
PREFIX = 16


class CryptoError(Exception):
    """An untrusted envelope. `reason`: signature, encoding, padding, length or receiver."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CallbackCrypto:
    """Crypto of one callback URL: its token, its key, and the receiver id at the end of each plaintext."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        """`aes_key` is the 43-character form; raises ValueError for anything else."""
        if len(aes_key) != 43:
            raise ValueError("EncodingAESKey has 43 characters")
        key = base64.b64decode(aes_key + "=")
        self._token = token
        self._receive_id = receive_id.encode()
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        joined = "".join(sorted([self._token, timestamp, nonce, encrypted]))
        return hashlib.sha1(joined.encode()).hexdigest()  # noqa: S324 - fixed by the protocol

    def verify(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
        """Raises CryptoError unless the signature is ours."""
        expected = self.sign(timestamp, nonce, encrypted)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise CryptoError("signature")

    def encrypt(self, message: str, prefix: bytes | None = None) -> str:
        """`prefix` (16 bytes) is random unless a test needs a known ciphertext."""
        body = message.encode()
        plain = (prefix or secrets.token_bytes(PREFIX)) + struct.pack(">I", len(body)) + body + self._receive_id
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> str:
        """Raises CryptoError unless the input is exactly one of our envelopes."""
        plain = unpad(self._decipher(encrypted))
        if len(plain) < PREFIX + 4:
            raise CryptoError("length")
        end = PREFIX + 4 + int(struct.unpack(">I", plain[PREFIX : PREFIX + 4])[0])
        if end > len(plain):
            raise CryptoError("length")
        if not hmac.compare_digest(plain[end:], self._receive_id):
            raise CryptoError("receiver")
        try:
            return plain[PREFIX + 4 : end].decode()
        except UnicodeDecodeError as error:
            raise CryptoError("encoding") from error

    def _decipher(self, encrypted: str) -> bytes:
        try:
            raw = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise CryptoError("encoding") from error
        if not raw or len(raw) % BLOCK:
            raise CryptoError("length")
        decryptor = self._cipher.decryptor()
        return decryptor.update(raw) + decryptor.finalize()


def unpad(plain: bytes) -> bytes:
    """Remove PKCS#7 padding with a 32-byte block; all padding bytes are checked."""
    pad = plain[-1]
    if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad:
        raise CryptoError("padding")
    return plain[:-pad]
