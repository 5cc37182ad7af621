"""Signature and encryption of WeCom callbacks; they keep out forged taps (A16, A18, A19).

Plaintext = 16 random bytes ‖ length (uint32, big-endian) ‖ message ‖ receiver id, padded as in PKCS#7 to
blocks of 32 bytes; AES-256-CBC with the first half of the key as IV. The IV is fixed, so the prefix must come from
a secure random source.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAD_BLOCK = 32
CIPHER_BLOCK = 16
PREFIX = 16
LENGTH = struct.Struct(">I")


class CryptoError(Exception):
    """The message is not from WeCom, not for us, or damaged. The text is for our log only, not for the client (A16)."""


def _key(encoding_aes_key: str) -> bytes:
    """The 32-byte key from its 43 characters. Raises ValueError for another length or other characters.

    43 characters hold 258 bits; the last two bits are ignored, as WeCom does.
    """
    if len(encoding_aes_key) != 43 or not encoding_aes_key.isascii() or not encoding_aes_key.isalnum():
        raise ValueError("an EncodingAESKey has exactly 43 letters and digits")
    return base64.b64decode(encoding_aes_key + "=")


def _pad(data: bytes) -> bytes:
    count = PAD_BLOCK - len(data) % PAD_BLOCK
    return data + bytes([count]) * count


def _unpad(data: bytes) -> bytes:
    count = data[-1]
    if not 1 <= count <= min(PAD_BLOCK, len(data)) or data[-count:] != bytes([count]) * count:
        raise CryptoError("padding")
    return data[:-count]


class CallbackCrypto:
    """Opens and seals messages of one callback endpoint. `receiver` is the corp id."""

    def __init__(self, *, token: str, encoding_aes_key: str, receiver: str) -> None:
        self._token, self._receiver = token, receiver.encode()
        key = _key(encoding_aes_key)
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:CIPHER_BLOCK]))

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """The signature of these values: 40 lower-case hex digits."""
        parts = sorted([self._token, timestamp, nonce, encrypted])
        return hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()

    def open(self, *, signature: str, timestamp: str, nonce: str, encrypted: str) -> str:
        """Verify the signature, then decrypt and return the message. Raises CryptoError."""
        try:
            expected = self.sign(timestamp, nonce, encrypted).encode()
            given = signature.encode()
        except UnicodeEncodeError as error:
            raise CryptoError("encoding") from error
        if not hmac.compare_digest(expected, given):
            raise CryptoError("signature")
        return self._decrypt(encrypted)

    def _decrypt(self, encrypted: str) -> str:
        try:
            data = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise CryptoError("base64") from error
        if not data or len(data) % CIPHER_BLOCK:
            raise CryptoError("length of the ciphertext")
        decryptor = self._cipher.decryptor()
        plain = _unpad(decryptor.update(data) + decryptor.finalize())
        head, body = plain[: PREFIX + LENGTH.size], plain[PREFIX + LENGTH.size :]
        if len(head) < PREFIX + LENGTH.size:
            raise CryptoError("too short")
        (length,) = LENGTH.unpack(head[PREFIX:])
        if length > len(body):
            raise CryptoError("length field")
        if not hmac.compare_digest(body[length:], self._receiver):
            raise CryptoError("receiver")
        try:
            return body[:length].decode()
        except UnicodeDecodeError as error:
            raise CryptoError("not UTF-8") from error

    def encrypt(self, message: str, *, prefix: bytes | None = None) -> str:
        """The base64 ciphertext of a message. `prefix` is for known-answer tests only."""
        raw = message.encode()
        data = (prefix or secrets.token_bytes(PREFIX)) + LENGTH.pack(len(raw)) + raw + self._receiver
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(_pad(data)) + encryptor.finalize()).decode()
