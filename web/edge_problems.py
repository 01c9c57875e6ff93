"""The problems that any call can end with, before a package has seen it."""

from collections.abc import Mapping

from web.errors import (
    CredentialEndedError,
    CredentialNameTakenError,
    CredentialNotFoundError,
    CredentialWithoutTextError,
    MalformedCredentialError,
    ScopeNotGrantableError,
    TenantNameTakenError,
)
from web.problems import Problem

BAD_REQUEST = Problem(
    "bad_request",
    400,
    "The request cannot be read",
    "The request breaks HTTP or its own headers in a way that leaves nothing to answer.",
    "Compare the request with the operation's entry under /docs. A proxy in between may have changed it.",
)
MALFORMED_JSON = Problem(
    "malformed_json",
    400,
    "The body is not valid JSON",
    "The body is not one JSON value in UTF-8 (RFC 8259). Names that repeat within one object, NaN, Infinity, lone surrogates, "
    "a byte order mark and nesting deeper than 200 levels count as malformed too, because readers disagree about them.",
    "Write the body with a JSON library rather than by hand, encode it as UTF-8, and send each name once.",
)
INVALID_REQUEST = Problem(
    "invalid_request",
    422,
    "The request does not fit its schema",
    "The body, path or query is well formed, but a field is missing, unknown or outside what its schema allows. Nothing of the "
    "call was stored or done. The problem's errors name each field; names that the schema does not know stand there as *.",
    "Correct the named fields. The schema of the operation is under /docs and in /openapi.json.",
)
UNAUTHENTICATED = Problem(
    "unauthenticated",
    401,
    "No valid credential",
    "The call carries no credential, or one that is mistyped, unknown, expired or revoked. The answer is the same for all.",
    "Send Authorization: Bearer followed by a credential. An administrator makes one by `moat credential create`.",
)
FORBIDDEN = Problem(
    "forbidden",
    403,
    "The credential lacks the scope",
    "The credential is valid, but it does not carry the scope that this operation needs. The refusal has been recorded.",
    "Ask an administrator for a credential with the scope that the problem's detail names.",
)
NOT_FOUND = Problem(
    "not_found",
    404,
    "There is no such thing here",
    "No operation has this path, or what the path names does not exist for this credential's tenant. What belongs to another "
    "tenant, has expired or was never issued answers alike.",
    "Check the path against /docs and the identifier against the answer that gave it.",
)
METHOD_NOT_ALLOWED = Problem(
    "method_not_allowed",
    405,
    "The path has no such method",
    "The path exists, but not with this HTTP method. The Allow header lists those that it has.",
    "Use one of the methods in the Allow header.",
)
TOO_LARGE = Problem(
    "too_large",
    413,
    "The body is too large",
    "The body is longer than this operation accepts. It was not read to its end, and nothing of it was stored.",
    "Send smaller batches, or use the streaming form of the operation where it has one.",
)
UNSUPPORTED_MEDIA_TYPE = Problem(
    "unsupported_media_type",
    415,
    "The body is not declared as JSON",
    "The operation takes a JSON body, and the Content-Type header says something else or is missing.",
    "Send Content-Type: application/json.",
)
RATE_LIMITED = Problem(
    "rate_limited",
    429,
    "Too many calls",
    "The credential makes more calls a second than the operator allows, or its source has failed to authenticate too often.",
    "Wait for the number of seconds in the Retry-After header. Put many items into one call rather than one into many.",
)
NOT_THROUGH_PROXY = Problem(
    "not_through_proxy",
    403,
    "Calls come through the proxy",
    "The service listens without TLS for a reverse proxy that adds it, and this call came from elsewhere, in the clear.",
    "Call the proxy's address. An operator names the proxy's network by --behind-proxy.",
)
BUSY = Problem(
    "busy",
    503,
    "The service is at its limit",
    "As many calls as this process may work on at once are under way, and none ended soon enough. Nothing was done.",
    "Try again after the number of seconds in the Retry-After header.",
)
NOT_READY = Problem(
    "not_ready",
    503,
    "The service is not ready",
    "One or more of the checks that the answer names have failed, such as the database or the key provider.",
    "An operator looks up the named check in the service's log. Send traffic elsewhere until it passes.",
)
INTERNAL = Problem(
    "internal",
    500,
    "The service failed",
    "Something went wrong that is not the caller's doing. The cause is in the service's log under the request id, and nowhere "
    "else. Whatever the call was changing has been undone.",
    "Try again with the same Idempotency-Key. If it persists, give the request id to the operator.",
)
CREDENTIAL_NAME_TAKEN = Problem(
    "credential_name_taken",
    409,
    "A credential has this name already",
    "Names of live credentials are unique within a tenant, so that an audit entry or a list names one of them only.",
    "Choose another name, rotate the existing credential, or revoke it first.",
)
CREDENTIAL_ENDED = Problem(
    "credential_ended",
    409,
    "The credential has ended",
    "A credential that has expired or was revoked cannot be rotated: rotation carries on what still works.",
    "Create a new credential.",
)
CREDENTIAL_WITHOUT_TEXT = Problem(
    "credential_without_text",
    409,
    "The credential has no text",
    "It is that of a member of staff, who signs in on the pages. A text for it would let somebody else act as that person.",
    "Create a credential of its own for a program.",
)
SCOPE_NOT_GRANTABLE = Problem(
    "scope_not_grantable",
    403,
    "The grant goes too far",
    "The credential that asked may not hand out this role or scope: a test credential makes test credentials only.",
    "Ask an administrator, or an operator at the service's host.",
)
TENANT_NAME_TAKEN = Problem(
    "tenant_name_taken",
    409,
    "A tenant has this name already",
    "Names of tenants are unique within a deployment.",
    "Choose another name.",
)

EDGE_PROBLEMS = (
    BAD_REQUEST,
    MALFORMED_JSON,
    INVALID_REQUEST,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    RATE_LIMITED,
    NOT_THROUGH_PROXY,
    BUSY,
    NOT_READY,
    INTERNAL,
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    MalformedCredentialError: UNAUTHENTICATED,
    CredentialNotFoundError: NOT_FOUND,
    CredentialNameTakenError: CREDENTIAL_NAME_TAKEN,
    CredentialEndedError: CREDENTIAL_ENDED,
    CredentialWithoutTextError: CREDENTIAL_WITHOUT_TEXT,
    ScopeNotGrantableError: SCOPE_NOT_GRANTABLE,
    TenantNameTakenError: TENANT_NAME_TAKEN,
}
"""What this package's own refusals end as."""
