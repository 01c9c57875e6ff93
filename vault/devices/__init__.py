"""Keys of people's devices, and values sealed so that only such a device opens them."""
