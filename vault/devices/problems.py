"""Which problem each refusal of the registration of devices ends as."""

from collections.abc import Mapping

from vault.devices.device import LIVE_AT_MOST
from vault.devices.errors import DeviceKeyTakenError, TooManyDevicesError, UnprovenKeyError
from vault.devices.proving import LIFE_MS
from vault.devices.public_key import WeakKeyError
from web.problems import Problem

WEAK_KEY = Problem(
    "weak_device_key",
    422,
    "The key is no public key to seal for",
    "A device's key is a point of Curve25519 as 32 octets in base64url, written in the one canonical way. Points of low order "
    "are refused, for with them every secret would be shared with everybody.",
    "Let the device make a key pair with libsodium's crypto_box_keypair and register its public half.",
)
DEVICE_UNPROVEN = Problem(
    "device_unproven",
    422,
    "The device has not shown that the key is its own",
    f"The answer is not the one to this challenge, for this person and key, or came over {LIFE_MS // 60_000} minutes after it.",
    "Ask for a challenge with the key, have the device that has the secret half answer it, and register the key with both.",
)
DEVICE_KEY_TAKEN = Problem(
    "device_key_taken",
    409,
    "The key is registered already",
    "A key belongs to one device of one person, and cannot come back for thirty days after its end.",
    "Let the device make a new key pair.",
)
TOO_MANY_DEVICES = Problem(
    "too_many_devices",
    409,
    "The person has as many devices as may be",
    f"A person has at most {LIVE_AT_MOST} live device keys.",
    "Name the device that the new one replaces, or revoke one.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    WeakKeyError: WEAK_KEY,
    UnprovenKeyError: DEVICE_UNPROVEN,
    DeviceKeyTakenError: DEVICE_KEY_TAKEN,
    TooManyDevicesError: TOO_MANY_DEVICES,
}
