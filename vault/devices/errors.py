"""What the registration of devices refuses."""

from vault.errors import VaultError


class DeviceKeyTakenError(VaultError):
    """The key is registered already, or was until lately: a device makes a new one."""

    code = "device_key_taken"


class UnprovenKeyError(VaultError):
    """Nobody has shown to have the secret half of the key."""

    code = "device_unproven"


class TooManyDevicesError(VaultError):
    """The person has as many live keys as may be."""

    code = "too_many_devices"
