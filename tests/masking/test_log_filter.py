"""No personal value reaches a log through the filter: not in a message, its arguments, a traceback or an extra attribute."""

import io
import logging
from collections.abc import Iterator

import pytest

from masking.log_filter import RedactingFilter

PHONE = "13812345678"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s %(customer)s", defaults={"customer": ""}))
    handler.addFilter(RedactingFilter())
    LOG.addHandler(handler)
    yield stream
    LOG.removeHandler(handler)


LOG = logging.getLogger("test.masking.log_filter")
LOG.propagate = False


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("call %s", (PHONE,)),
        (f"call {PHONE}", ()),
        ("call %(who)s", ({"who": PHONE},)),
        (f"broken %d {PHONE}", (PHONE,)),
    ],
)
def test_a_message_is_masked_with_its_arguments(
    written: io.StringIO, message: str, arguments: tuple[object, ...]
) -> None:
    LOG.warning(message, *arguments)
    assert PHONE not in written.getvalue()
    assert "138****5678" in written.getvalue() or "***" in written.getvalue()


def test_tracebacks_and_extra_attributes_are_masked(written: io.StringIO) -> None:
    try:
        raise ValueError(PHONE)
    except ValueError:
        LOG.exception("failed", extra={"customer": f"mail abc@example.com, {PHONE}"}, stack_info=True)
    text = written.getvalue()
    assert PHONE not in text
    assert "abc@example.com" not in text
    assert "ValueError: 138****5678" in text


def test_what_is_not_personal_is_written_as_it_was(written: io.StringIO) -> None:
    LOG.warning("order %s took %d ms", "o-1", 35)
    assert written.getvalue() == "order o-1 took 35 ms \n"
