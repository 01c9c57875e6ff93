"""Which problem each refusal of disclosure ends as."""

from collections.abc import Mapping

from dsar.disclosure.errors import (
    NotAskedError,
    PackageNotFoundError,
    PackageNotReadyError,
    ReceiverUnknownError,
    RecipientError,
)
from web.edge_problems import NOT_FOUND
from web.problems import Problem

NOT_MADE = Problem(
    "package_not_made",
    404,
    "There is no package",
    "The request has no package yet, or is of a right that none answers.",
    "Look at the request's state: a package is made when it is executed.",
)
NOT_ASKED = Problem(
    "package_not_asked",
    409,
    "The request does not let this be chosen or made",
    "Packages answer access, portability and explanation. How one is sealed is chosen before it is made, only a transfer goes to "
    "a receiver, and a package is made again only where it completed a request of the person's own.",
    "Look at the request's right and state first.",
)
RECIPIENT = Problem(
    "recipient",
    422,
    "The key cannot be used",
    "Packages are sealed to a public key of age, which begins with age1, or under a passphrase that is drawn.",
    "Make a key by age-keygen and send its public half, or leave it out.",
)
RECEIVER = Problem(
    "receiver_unknown",
    422,
    "There is no such receiver",
    "Data go to receivers that the operator of the service has registered, and to nobody else.",
    "Choose one of those that are listed, or have the data sealed for the person.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    PackageNotFoundError: NOT_FOUND,
    PackageNotReadyError: NOT_MADE,
    NotAskedError: NOT_ASKED,
    RecipientError: RECIPIENT,
    ReceiverUnknownError: RECEIVER,
}
