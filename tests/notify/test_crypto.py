"""Signature and encryption against known answers, and against almost correct input."""

import base64
import json
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from notify.wecom.crypto import CallbackCrypto, CryptoError
from tests.notify.world import sign

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
TOKEN, KEY, CORP = "SandboxToken2024", "LocalSandboxOnlyKey0123456789abcdefghijklmA", "ww0123456789abcdef"
V2 = VECTORS[1]


def crypto(token: str = TOKEN, key: str = KEY, receiver: str = CORP) -> CallbackCrypto:
    return CallbackCrypto(token=token, encoding_aes_key=key, receiver=receiver)


def opened(using: CallbackCrypto, vector: dict[str, str], **other: str) -> str:
    values = {
        "signature": vector["msg_signature"],
        "timestamp": vector["timestamp"],
        "nonce": vector["nonce"],
        "encrypted": vector["encrypt"],
        **other,
    }
    return using.open(**values)


def raw_encrypt(plain: bytes) -> str:
    """Encrypt already padded bytes: for messages that our own code would never make."""
    key = base64.b64decode(KEY + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def refuse_signed(encrypted: str) -> None:
    """A correctly signed but broken message must be refused with CryptoError and nothing else."""
    with pytest.raises(CryptoError):
        crypto().open(signature=sign(TOKEN, "1", "n", encrypted), timestamp="1", nonce="n", encrypted=encrypted)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["id"])
def test_known_messages_open(vector):
    assert opened(crypto(receiver=vector["receiveid"]), vector) == vector["msg"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["id"])
def test_known_messages_seal(vector):
    ours = crypto(receiver=vector["receiveid"])
    encrypted = ours.encrypt(vector["msg"], prefix=vector["prefix"].encode())
    assert encrypted == vector["encrypt"]
    assert ours.sign(vector["timestamp"], vector["nonce"], encrypted) == vector["msg_signature"]


def test_two_seals_of_one_message_differ():
    ours = crypto()
    assert ours.encrypt("1616140317555161061") != ours.encrypt("1616140317555161061")


@given(st.text(max_size=200))
def test_what_is_sealed_opens(message):
    text = message.encode("utf-8", "ignore").decode()
    ours = crypto()
    encrypted = ours.encrypt(text)
    assert ours.open(signature=ours.sign("1", "n", encrypted), timestamp="1", nonce="n", encrypted=encrypted) == text


@pytest.mark.parametrize(
    "signature",
    [
        "0" * 40,
        V2["msg_signature"].upper(),
        "",
        V2["msg_signature"][:-1],
        V2["msg_signature"] + "0",
        "é" * 40,
        "\ud800",
    ],
)
def test_A16_a_wrong_signature_is_refused(signature):
    with pytest.raises(CryptoError):
        opened(crypto(), V2, signature=signature)


def test_A16_every_bit_of_the_signature_counts():
    signature = bytes.fromhex(V2["msg_signature"])
    for place in range(len(signature) * 8):
        flipped = bytearray(signature)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(CryptoError, match="signature"):
            opened(crypto(), V2, signature=flipped.hex())


def test_A16_every_bit_of_the_ciphertext_counts():
    encrypted = base64.b64decode(V2["encrypt"])
    for place in range(len(encrypted) * 8):
        flipped = bytearray(encrypted)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(CryptoError, match="signature"):
            opened(crypto(), V2, encrypted=base64.b64encode(flipped).decode())


@pytest.mark.parametrize("name", ["timestamp", "nonce"])
def test_A16_the_other_parameters_are_signed_too(name):
    with pytest.raises(CryptoError, match="signature"):
        opened(crypto(), V2, **{name: V2[name] + "0"})


def test_A16_another_token_is_refused():
    with pytest.raises(CryptoError, match="signature"):
        opened(crypto(token="SandboxToken2025"), V2)


def test_A18_another_receiver_is_refused():
    with pytest.raises(CryptoError, match="receiver"):
        opened(crypto(receiver="wwffffffffffffffff"), V2)


def test_A18_another_key_is_refused():
    with pytest.raises(CryptoError):
        opened(crypto(key="B" + KEY[1:]), V2)


def test_A19_a_flipped_last_byte_is_refused_by_the_padding():
    data = bytearray(base64.b64decode(V2["encrypt"]))
    data[-1] ^= 1
    refuse_signed(base64.b64encode(data).decode())


@pytest.mark.parametrize("encrypted", ["!!!!", "", "AAAA", "A" * 43, "kG0M\n7gKm", "工单", "=" * 8])
def test_A19_what_is_not_blocks_in_base64_is_refused(encrypted):
    refuse_signed(encrypted)


@pytest.mark.parametrize("count", [0, 33, 255])
def test_A19_a_padding_length_out_of_range_is_refused(count):
    refuse_signed(raw_encrypt(b"p" * 16 + struct.pack(">I", 0) + b"x" * 11 + bytes([count])))


def test_A19_a_padding_of_unequal_bytes_is_refused():
    body = b"p" * 16 + struct.pack(">I", 5) + b"hello" + CORP.encode()
    count = 32 - len(body) % 32
    refuse_signed(raw_encrypt(body + b"\0" * (count - 1) + bytes([count])))


@pytest.mark.parametrize("length", [2**32 - 1, 24, 2**31])
def test_A19_a_length_beyond_the_buffer_is_refused(length):
    body = b"p" * 16 + struct.pack(">I", length) + b"hello" + CORP.encode()
    count = 32 - len(body) % 32
    refuse_signed(raw_encrypt(body + bytes([count]) * count))


def test_A19_a_message_shorter_than_its_head_is_refused():
    refuse_signed(raw_encrypt(b"p" * 4 + bytes([28]) * 28))


def test_A19_bytes_that_are_not_text_are_refused():
    body = b"p" * 16 + struct.pack(">I", 2) + b"\xff\xfe" + CORP.encode()
    count = 32 - len(body) % 32
    refuse_signed(raw_encrypt(body + bytes([count]) * count))


@pytest.mark.parametrize("key", [KEY[:-1], KEY + "A", "", KEY[:-1] + "=", KEY[:-1] + "é"])
def test_a_key_of_another_length_or_alphabet_is_refused_at_once(key):
    with pytest.raises(ValueError, match="43"):
        crypto(key=key)


def test_the_surplus_bits_of_a_key_do_not_matter():
    assert opened(crypto(key=KEY[:-1] + "B"), V2) == V2["msg"]
