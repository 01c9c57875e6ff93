"""What ends by itself goes, whatever went wrong with the sweep before."""

import threading

import pytest

from tests.support.vault import Vault
from vault.sweep import Sweeper


def test_a_sweep_that_fails_is_reported_and_the_next_one_comes(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vault.sweep.INTERVAL_SECONDS", 0.01)
    swept = threading.Event()
    reported: list[BaseException] = []
    attempts = iter((OSError("the disk is away"), None))

    def sweep(_at: int) -> None:
        error = next(attempts, None)
        if error is not None:
            raise error
        swept.set()

    sweeper = Sweeper(vault.means, [sweep], failed=reported.append)
    sweeper.start()
    assert swept.wait(30)
    sweeper.stop()
    assert [type(error) for error in reported] == [OSError]
