"""What goes between the devices of an order's parties: keys, messages, positions and pictures."""

from collections.abc import Sequence

from composition.foundation import Foundation
from composition.held_uses import HeldUses
from composition.part import Part
from dsar.holds.asking import Holds
from masking.notes import Notes
from settings import MIB, Settings
from vault.access import Caller
from vault.devices.forgetting import DeviceSweep
from vault.devices.holding import DeviceHolding
from vault.devices.http import DeviceApi
from vault.devices.problems import PROBLEMS as DEVICE_PROBLEMS
from vault.devices.registering import DeviceDesk
from vault.handover.gate import Tables
from vault.item import Issued, ItemError, Submitted
from vault.letters.desk import LetterDesk
from vault.letters.ending import LettersOfOrders, LetterSweep
from vault.letters.holding import LetterHolding
from vault.letters.http import LetterApi
from vault.letters.kept import LetterUses
from vault.letters.problems import PROBLEMS as LETTER_PROBLEMS
from vault.letters.reporting import LetterReports
from vault.means import Means
from vault.pictures.ending import PictureSweep
from vault.pictures.holding import PictureHolding
from vault.pictures.http import PictureApi
from vault.pictures.keeping import PictureDesk
from vault.pictures.looking import PictureLook
from vault.pictures.problems import FURTHER as PICTURE_FURTHER
from vault.pictures.problems import PROBLEMS as PICTURE_PROBLEMS
from vault.pictures.sight import PictureSight
from vault.ports import OrderEnd
from vault.recording import Recording
from vault.rights.ports import Beside
from vault.tokenization import Tokenization
from vault.traces.ending import TraceSweep
from vault.traces.holding import TraceHolding
from vault.traces.http import TraceApi
from vault.traces.tracking import Tracking
from work.replay import Replay

HOUR_MS = 3_600_000


def beside_of(means: Means) -> Sequence[Beside]:
    """What is held of people beside their records."""
    return [DeviceHolding(means.database), LetterHolding(means.database), TraceHolding(means), PictureHolding(means)]


def ends_of(chosen: Settings) -> Sequence[OrderEnd]:
    """What ends with an order."""
    return [LettersOfOrders(after_ms=chosen.message_hours * HOUR_MS)]


def devices_part(base: Foundation, means: Means, notes: Notes) -> Part:
    """The operations on all of it. `notes` reads the copies of messages that are complained of."""
    chosen, held = base.chosen, HeldUses(Holds())
    tokenization = Tokenization(means, Recording(means.subjects, notes))

    def keep(caller: Caller, copy: Submitted, replay: Replay | None) -> Issued | ItemError:
        (answer,) = tokenization.tokenize(caller, [copy], replay=replay)
        return answer

    octets = chosen.picture_mib * MIB
    pictures = PictureDesk(means, octets=octets, life_ms=chosen.picture_days * 24 * HOUR_MS)
    letters = LetterDesk(means, after_ms=chosen.message_hours * HOUR_MS)
    return Part(
        blueprints=[
            DeviceApi(DeviceDesk(means)).blueprint(),
            LetterApi(letters, LetterReports(means, keep)).blueprint(),
            TraceApi(Tracking(means, life_ms=chosen.trace_hours * HOUR_MS)).blueprint(),
            PictureApi(pictures, PictureLook(means, PictureSight(means, Tables())), octets=octets).blueprint(),
        ],
        tables=[DEVICE_PROBLEMS, LETTER_PROBLEMS, PICTURE_PROBLEMS],
        problems=PICTURE_FURTHER,
        sweeps=[
            LetterSweep(base.database, LetterUses(held)).sweep,
            DeviceSweep(base.database).sweep,
            TraceSweep(means, held).sweep,
            PictureSweep(means, held).sweep,
        ],
    )
