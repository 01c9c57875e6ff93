"""Members of staff and their sessions. Times are milliseconds since the epoch."""

from dataclasses import dataclass
from enum import StrEnum

from web.principal import Principal, Role

ROLES = (Role.PRIVACY_OFFICER, Role.AUDITOR, Role.SUPPORT, Role.OPERATOR, Role.ADMIN, Role.RISK)
"""What a member can be. The other roles are those of programs and of people of the platform."""

MINUTE_MS = 60_000
IDLE_MS = 15 * MINUTE_MS
LIFE_MS = 8 * 60 * MINUTE_MS
FRESH_MS = 5 * MINUTE_MS
"""For how long a member counts as just having shown who they are."""

LINK_LIFE_MS = 15 * MINUTE_MS
CHALLENGE_LIFE_MS = 5 * MINUTE_MS
RECOVERY_LIFE_MS = 24 * 60 * MINUTE_MS
SEEN_EVERY_MS = MINUTE_MS
"""How exactly it is kept when a session was last used: not every page writes."""


class Method(StrEnum):
    """How a session was begun."""

    PASSKEY = "passkey"
    CODE = "code"
    PROVIDER = "provider"


class State(StrEnum):
    """How a member stands."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of staff. `name` is a work name, as a credential has it."""

    tenant: int
    id: int
    credential: int
    name: str
    role: Role
    handle: bytes
    made_at: int
    enrolled_at: int | None
    disabled_at: int | None

    @property
    def state(self) -> State:
        """How they stand."""
        if self.disabled_at is not None:
            return State.DISABLED
        return State.INVITED if self.enrolled_at is None else State.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """An open session and who has it."""

    staff: int
    principal: Principal
    digest: bytes
    method: Method
    device: str
    begun_at: int
    seen_at: int
    verified_at: int
    expires_at: int

    def fresh(self, at: int) -> bool:
        """Whether its holder has shown who they are within the last minutes."""
        return at < self.verified_at + FRESH_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session as its holder sees it in a list. `mark` names it there and opens nothing."""

    mark: str
    method: Method
    device: str
    begun_at: int
    seen_at: int
    current: bool


_SYSTEMS = (
    ("iphone", "ios"),
    ("ipad", "ios"),
    ("android", "android"),
    ("windows", "windows"),
    ("mac os", "mac"),
    ("linux", "linux"),
)
_BROWSERS = (("edg/", "edge"), ("firefox", "firefox"), ("chrome", "chrome"), ("safari", "safari"))


def device_of(agent: str) -> str:
    """What kind of device a browser says that it is on, as `browser_system`; nothing finer is kept of what it says."""
    said = agent.lower()
    system = next((code for word, code in _SYSTEMS if word in said), "other")
    browser = next((code for word, code in _BROWSERS if word in said), "other")
    return f"{browser}_{system}"
