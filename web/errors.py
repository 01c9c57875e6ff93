"""What the web edge can refuse. No message carries a submitted value."""


class WebError(Exception):
    """Base of every refusal of this package."""


class MalformedCredentialError(WebError):
    """A text that no credential can be: wrong form or wrong check digits."""


class CredentialNotFoundError(WebError):
    """No such credential in this tenant."""


class CredentialNameTakenError(WebError):
    """A live credential of this tenant has the name already."""


class CredentialWithoutTextError(WebError):
    """A credential of a person, who signs in."""


class CredentialEndedError(WebError):
    """The credential has been revoked or has expired, so it cannot be rotated."""


class ScopeNotGrantableError(WebError):
    """A grant goes beyond what the granting credential may hand out."""


class TenantNameTakenError(WebError):
    """A tenant has the name already."""


class EgressRefusedError(WebError):
    """A call to the outside that operator configuration does not allow, or whose address is not a public one."""


class EgressFailedError(WebError):
    """An allowed call to the outside that failed: no connection, too slow, or too large an answer."""


class NotReadyError(WebError):
    """A check of readiness failed, for a reason that has a code of its own."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
