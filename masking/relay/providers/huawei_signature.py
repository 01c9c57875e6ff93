"""Headers of Huawei Cloud's PrivateNumber, as its guide publishes them: an app key, and a digest under the app secret.

    Authorization  AKSK realm="SDP",profile="UsernameToken",type="Appkey"
    X-AKSK         UsernameToken Username="key",PasswordDigest="digest",Nonce="nonce",Created="2026-11-22T08:00:00Z"
    digest         base64(HMAC-SHA256(secret, nonce + created))

The digest is not over the call: TLS is what protects that.
"""

import base64
import hmac


def signed_headers(*, login: str, secret: bytes, nonce: str, created: str) -> dict[str, str]:
    """The two headers. `created` is RFC 3339 in UTC, to the second."""
    mac = hmac.digest(secret, f"{nonce}{created}".encode(), "sha256")
    digest = base64.b64encode(mac).decode("ascii")
    token = f'UsernameToken Username="{login}",PasswordDigest="{digest}",Nonce="{nonce}",Created="{created}"'
    return {"authorization": 'AKSK realm="SDP",profile="UsernameToken",type="Appkey"', "x-aksk": token}
