"""What the registration of devices refuses."""

from vault.errors import VaultError


class DeviceKeyTakenError(VaultError):
    """The key is registered already, or was until lately: a device makes a new one."""

    code = "device_key_taken"


class TooManyDevicesError(VaultError):
    """The person has as many live keys as may be."""

    code = "too_many_devices"
