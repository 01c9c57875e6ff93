"""What pyrage seals from: the octets of a generator, as a file."""

import io
from collections.abc import Iterator


class AgeSource(io.RawIOBase):
    """Reads what a generator gives. It keeps an error of the generator, of which pyrage would leave only a text."""

    def __init__(self, octets: Iterator[bytes]) -> None:
        self._octets = octets
        self._left = memoryview(b"")
        self.error: BaseException | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._left:
                self._left = memoryview(next(self._octets))
        except StopIteration:
            return b""
        except BaseException as error:
            self.error = error
            raise
        taken, self._left = self._left[:size], self._left[size:]
        return bytes(taken)
