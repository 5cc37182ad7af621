"""The envelope of callbacks, against known values of the protocol."""

import base64
import json
from pathlib import Path

import pytest

from sandbox.wecom.callbacks.crypto import CallbackCrypto, CryptoError, unpad
from tests.sandbox.parties import AES_KEY, CORP, TOKEN

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
BY_ID = {vector["id"]: vector for vector in VECTORS}
V2 = BY_ID["V2"]


def crypto_for(vector: dict) -> CallbackCrypto:
    return CallbackCrypto(TOKEN, AES_KEY, vector["receiveid"])


@pytest.mark.parametrize("vector", VECTORS, ids=list(BY_ID))
def test_known_values(vector):
    crypto = crypto_for(vector)
    assert crypto.encrypt(vector["msg"], vector["prefix"].encode()) == vector["encrypt"]
    assert crypto.decrypt(vector["encrypt"]) == vector["msg"]
    signature = crypto.sign(vector["timestamp"], vector["nonce"], vector["encrypt"])
    assert signature == vector["msg_signature"]
    crypto.verify(signature, vector["timestamp"], vector["nonce"], vector["encrypt"])


def test_every_envelope_begins_differently():
    crypto = crypto_for(V2)
    assert crypto.encrypt("same") != crypto.encrypt("same")


@pytest.mark.parametrize("signature", ["0" * 40, V2["msg_signature"].upper(), "", V2["msg_signature"][:-1]])
def test_A16_a_wrong_signature_is_refused(signature):
    with pytest.raises(CryptoError, match="signature"):
        crypto_for(V2).verify(signature, V2["timestamp"], V2["nonce"], V2["encrypt"])


def test_A16_another_token_makes_another_signature():
    with pytest.raises(CryptoError, match="signature"):
        CallbackCrypto("OtherToken", AES_KEY, CORP).verify(
            V2["msg_signature"], V2["timestamp"], V2["nonce"], V2["encrypt"]
        )


def test_A18_another_receiver_is_refused():
    with pytest.raises(CryptoError, match="receiver"):
        CallbackCrypto(TOKEN, AES_KEY, "wwffffffffffffffff").decrypt(V2["encrypt"])


def flipped() -> str:
    raw = bytearray(base64.b64decode(V2["encrypt"]))
    raw[-1] ^= 1
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize("encrypted", ["!!!!", "", "AAAA", V2["encrypt"][:-4], V2["encrypt"][:40], flipped(), "工单"])
def test_A19_broken_envelopes_are_refused(encrypted):
    with pytest.raises(CryptoError):
        crypto_for(V2).decrypt(encrypted)


def test_A19_another_key_is_refused():
    with pytest.raises(CryptoError):
        CallbackCrypto(TOKEN, "B" + AES_KEY[1:], CORP).decrypt(V2["encrypt"])


@pytest.mark.parametrize("tail", [b"\x00", b"\x21", b"\x05" * 4])
def test_A19_padding_is_looked_at_in_full(tail):
    with pytest.raises(CryptoError, match="padding"):
        unpad(b"x" * (64 - len(tail)) + tail)


def test_surplus_bits_of_the_key_do_not_matter():
    assert CallbackCrypto(TOKEN, AES_KEY[:-1] + "B", CORP).decrypt(V2["encrypt"]) == V2["msg"]


@pytest.mark.parametrize("key", [AES_KEY[:-1], AES_KEY + "A"])
def test_a_key_has_43_characters(key):
    with pytest.raises(ValueError, match="43"):
        CallbackCrypto(TOKEN, key, CORP)
