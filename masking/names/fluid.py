"""The files in which PaddlePaddle 1.x kept its parameters: pure numbers, read without running or unpickling anything.

offset  size  meaning
0       4     version of the variable, 0
4       8     levels of detail, 0
12      4     version of the tensor, 0
16      4     length of the description, n
20      n     protobuf: field 1 the type (5 is float32), field 2 each dimension
20 + n        the numbers, little endian, row by row
"""

import struct

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
_FLOAT32 = 5


class NotATensorError(ValueError):
    """The octets are not one float32 tensor in this format."""


def read_tensor(octets: bytes) -> Array:
    """The one tensor of a file.

    Raises:
        NotATensorError: they are something else.
    """
    if len(octets) < 20 or struct.unpack_from("<IQI", octets) != (0, 0, 0):
        raise NotATensorError
    first = 20 + int.from_bytes(octets[16:20], "little")
    dimensions = _dimensions(octets[20:first])
    if len(octets) != first + 4 * int(np.prod(dimensions)):
        raise NotATensorError
    return np.frombuffer(octets, "<f4", offset=first).reshape(dimensions).astype(np.float32)


def _dimensions(description: bytes) -> list[int]:
    dimensions: list[int] = []
    place = 0
    while place < len(description):
        tag, place = _varint(description, place)
        value, place = _varint(description, place)
        if tag == 0x10:
            dimensions.append(value)
        elif (tag, value) != (0x08, _FLOAT32):
            raise NotATensorError
    return dimensions


def _varint(octets: bytes, place: int) -> tuple[int, int]:
    """A number in base 128, lowest digits first, and where the next one starts."""
    value = 0
    for step, octet in enumerate(octets[place : place + 10]):
        value |= (octet & 0x7F) << 7 * step
        if octet < 0x80:
            return value, place + step + 1
    raise NotATensorError
