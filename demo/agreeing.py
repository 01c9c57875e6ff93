"""What people of the demo agree to, refuse and take back."""

from collections.abc import Sequence
from typing import Final

from moat_client.consent_answers import Said

from demo.company import Company
from demo.people import Person

PURPOSES: Final = ("marketing_sms", "recommendation", "precise_location", "call_recording")


def agree(company: Company, people: Sequence[Person]) -> None:
    """Show each the notices; most say yes to some of them."""
    door = company.door("orders")
    for place, one in enumerate(people):
        shown = door.present(one.subject, PURPOSES)
        said = [
            Said(one.subject, purpose, "given" if (place + at) % 3 else "refused", presentation=shown.token)
            for at, purpose in enumerate(PURPOSES)
        ]
        door.consent(said)


def withdraw(company: Company, people: Sequence[Person]) -> None:
    """Every fifth takes the first back, and every eighth the second."""
    for place, one in enumerate(people):
        if place % 5 == 0:
            company.door("orders").withdraw(one.subject, PURPOSES[0])
        if place % 8 == 0:
            company.door("orders").withdraw(one.subject, PURPOSES[1])
