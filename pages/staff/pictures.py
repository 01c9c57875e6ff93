"""Setting up an app: a secret, and the picture that an app reads it from.

The secret is not stored before a code has shown that an app has it. Meanwhile it travels in the page's form, sealed for this
member.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

import segno
from markupsafe import Markup

from pages.staff import one_time
from pages.staff.factors import Factors
from pages.staff.member import Member
from vault.errors import IntegrityError


@dataclass(frozen=True, slots=True)
class AppOffer:
    """What a page shows: the picture, the secret in groups of four for whoever types it, and its sealed form."""

    picture: Markup = field(repr=False)
    spelled: str = field(repr=False)
    sealed: str


def app_offer(factors: Factors, member: Member, secret: str | None = None) -> AppOffer:
    """Offer a member a fresh secret, or the same once more."""
    offered = secret or one_time.new_secret()
    address = one_time.address(offered, name=member.name, issuer=factors.party.name)
    drawn = segno.make(address, error="m").svg_inline(scale=4, border=0, omitsize=True, svgclass=None, lineclass=None)
    version, octets = factors.sealed(member.tenant, member.id, offered)
    spelled = " ".join(offered[at : at + 4] for at in range(0, len(offered), 4))
    return AppOffer(Markup(drawn), spelled, f"{version}.{urlsafe_b64encode(octets).decode()}")  # noqa: S704 - drawn here


def offered_secret(factors: Factors, tenant: int, staff: int, sealed: str | None) -> str | None:
    """The secret that a form brings back; None where it brings none that was offered to this member."""
    version, _, text = (sealed or "").partition(".")
    if not version.isascii() or not version.isdecimal() or len(version) > 9:
        return None
    try:
        return factors.opened(tenant, staff, (int(version), urlsafe_b64decode(text.encode())))
    except (IntegrityError, ValueError):
        return None
