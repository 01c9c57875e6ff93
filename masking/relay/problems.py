"""Which problem each refusal of the relay ends as."""

from collections.abc import Mapping

from masking.relay.errors import (
    BindingEndedError,
    BindingNotFoundError,
    BlockNotFoundError,
    DurationError,
    EmergencyNumberError,
    ImportFileError,
    InvalidNumberError,
    ModeFieldsError,
    NumberNotFoundError,
    NumberTakenError,
    PartyError,
    PartyExhaustedError,
    PoolExhaustedError,
    PoolNotFoundError,
    SelfBindingError,
    StateChangeError,
    TakenNameError,
    VersionConflictError,
)
from web.edge_problems import NOT_FOUND
from web.problems import Problem

MODE_FIELDS = Problem(
    "mode_fields",
    422,
    "The mode takes other fields",
    "Each mode has its people: a and b for axb and axyb, a alone or with b for axn, axe and ax, b and a crew for gxb and gxyb. A "
    "pool "
    "gives numbers out for its own modes only; one of mode axe has digits, and no mode whose numbers are one person's "
    "alone.",
    "Correct the field that the problem names.",
)
PARTY = Problem(
    "party_not_callable",
    422,
    "Somebody cannot be called",
    "The vault knows no phone number under the token or of the person, or it may not be used for calls now: the person is "
    "frozen, erased or restricted. The problem's errors say who and why.",
    "Name somebody whose number may be used, or make the binding later.",
)
SELF_BINDING = Problem(
    "self_binding",
    422,
    "The people have one number",
    "Two of the people have the same phone number, so that a call would reach the caller.",
    "Bind people with numbers of their own.",
)
DURATION = Problem(
    "duration_out_of_range",
    422,
    "The binding would last too long",
    "A pool says how long its bindings may last, and a call may take six hours.",
    "Ask for less, or make bindings longer while they live.",
)
INVALID_NUMBER = Problem(
    "invalid_number",
    422,
    "This is no number",
    "A relay number is in E.164, one of the 15 digits of the 700 range, or a short code of 3 to 8 digits.",
    "Send the number as the carrier writes it.",
)
EMERGENCY_NUMBER = Problem(
    "emergency_number",
    422,
    "Numbers that save lives are not relayed",
    "Emergency numbers are dialled directly. They are never a relay number and never somebody's number here.",
    "Let apps dial them without the relay.",
)
IMPORT_FILE = Problem(
    "import_file",
    422,
    "The file cannot be read",
    "The file is CSV with a header line that names its columns, of which number must be one, and at most 10,000 lines.",
    "Correct the header, or send the lines in several files.",
)
NUMBER_TAKEN = Problem(
    "number_taken",
    409,
    "The number is not free for these people",
    "Somebody of the binding has the number in another one, or had it not long ago, or it takes no more bindings. Another "
    "binding on it would let one person's call reach another.",
    "Leave x out, or make a new binding for whoever comes.",
)
VERSION_CONFLICT = Problem(
    "version_conflict",
    409,
    "The binding has changed",
    "The binding is not at the version that the call names any more.",
    "Read the binding, and change what there is now.",
)
NUMBER_STATE = Problem(
    "number_state",
    409,
    "The number cannot go there",
    "A number does not go from every state to every other, does not leave quarantine before it has rested, and is not retired "
    "while "
    "it is bound.",
    "Freeze a number before it is retired, and wait until its bindings have ended.",
)
POOL_TAKEN = Problem(
    "pool_taken",
    409,
    "There is such a pool",
    "A pool of this name was made before.",
    "Use it, or choose another name.",
)
BINDING_ENDED = Problem(
    "binding_ended",
    410,
    "The binding has ended",
    "A binding that has expired or was ended does not come back.",
    "Make a new one.",
)
POOL_EXHAUSTED = Problem(
    "pool_exhausted",
    503,
    "No number is left",
    "No number of the wished areas has room for another binding. The detail says how many areas were tried and when a number "
    "will be free, if that is known.",
    "Add numbers to the pool, wish for more areas, or try again then.",
)
PARTY_EXHAUSTED = Problem(
    "party_exhausted",
    503,
    "Somebody has all numbers already",
    "There are numbers with room, but somebody of the binding has each of them, or had it not long ago. Other areas hardly help, "
    "and "
    "other people are not affected. The detail says when one will be free for them.",
    "Add numbers to the pool, give whoever has so many bindings a number of their own (mode axn), or try again then.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    BindingNotFoundError: NOT_FOUND,
    BlockNotFoundError: NOT_FOUND,
    NumberNotFoundError: NOT_FOUND,
    PoolNotFoundError: NOT_FOUND,
    BindingEndedError: BINDING_ENDED,
    VersionConflictError: VERSION_CONFLICT,
    NumberTakenError: NUMBER_TAKEN,
    StateChangeError: NUMBER_STATE,
    TakenNameError: POOL_TAKEN,
    SelfBindingError: SELF_BINDING,
    DurationError: DURATION,
    InvalidNumberError: INVALID_NUMBER,
    EmergencyNumberError: EMERGENCY_NUMBER,
    ImportFileError: IMPORT_FILE,
    PoolExhaustedError: POOL_EXHAUSTED,
    PartyExhaustedError: PARTY_EXHAUSTED,
    ModeFieldsError: MODE_FIELDS,
    PartyError: PARTY,
}
"""Those of the last four have more to say, which the operations put into the problem."""
