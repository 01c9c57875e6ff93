"""A process that looks for names: `python -m masking.names.serving` answers each frame of texts with one of their names."""

import signal
import sys

from masking.names.finding import NamesHere
from masking.names.frames import read_frame, write_frame


def main() -> None:
    """Answer until the stream ends. An interrupt at the terminal is the service's to handle, which then ends the stream."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    here = NamesHere()
    while (texts := read_frame(sys.stdin.buffer)) is not None:
        found = here.names(texts)
        write_frame(sys.stdout.buffer, [[tuple(span) for span in spans] for spans in found])


if __name__ == "__main__":
    main()
