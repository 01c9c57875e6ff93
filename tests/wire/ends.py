"""The two ends of a call as sipp plays them: what they send, with their own number wherever SIP has room for it.

A scenario is put together of steps. Every message carries what a telephone, a carrier or somebody hostile might send along: the
number in headers, in parameters, in SDP, in reason phrases and encoded, and the headers by which the switch speaks to itself.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """A telephone behind a carrier: its number in E.164, its owner's name, where it is, and the port where it hears voice."""

    number: str
    name: str
    host: str
    port: int
    voice: int

    @property
    def needles(self) -> Sequence[str]:
        """What the other side must not learn: the number with its country and without, its last digits, the name, the address."""
        return (self.digits, self.digits[-11:], self.digits[-8:], self.name, self.host)

    @property
    def digits(self) -> str:
        """The number without its plus."""
        return self.number.removeprefix("+")

    @property
    def tells(self) -> str:
        """Headers that say who this is, each in another way."""
        n, encoded = self.number, b64encode(self.number.encode()).decode()
        return f"""P-Asserted-Identity: "{self.name}" <sip:{n}@{self.host}>
P-Asserted-Identity: <tel:{n}>
P-Preferred-Identity: <sip:{n}@{self.host}>
Remote-Party-ID: "{self.name}" <sip:{n}@{self.host}>;party=calling;privacy=off
Diversion: <sip:{n}@{self.host}>;reason=unconditional
History-Info: <sip:{n}@{self.host}>;index=1
P-Charging-Vector: icid-value={n};orig-ioi=home
P-Access-Network-Info: 3GPP-E-UTRAN;utran-cell-id-3gpp=46000{n}
Identity: {encoded}.sig;info=<https://c.example/{n}>;alg=ES256;ppt=shaken
Geolocation: <cid:{n}@geo>
Reply-To: <sip:{n}@{self.host}>
Call-Info: <http://p.example/{n}.png>;purpose=icon
Alert-Info: <http://p.example/{n}.wav>
Error-Info: <sip:{n}@{self.host}>
Subject: call from {n}
Organization: {self.name} {n}
User-Agent: telephone {n}
Server: telephone {n}
Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote={n}
X-Encoded: {encoded} {n.encode().hex()} {n[:4]}-{n[4:8]}-{n[8:]}
P-SR-XBranch: {n}
P-SR-XUID: {n}
P-Called-Party-ID: <sip:{n}@{self.host}>
Supported: x-{n}
Accept: text/{n}
Warning: 399 {self.host} "{n}"
Reason: Q.850;cause=16;text="{n} hung up"
Referred-By: <sip:{n}@{self.host}>
In-Reply-To: {n}@h
Join: {n};to-tag=1;from-tag=2
Replaces: {n};to-tag=1;from-tag=2
Allow: INVITE, ACK, BYE, CANCEL, UPDATE, MESSAGE"""

    def sdp(self, version: int = 1, direction: str = "sendrecv") -> str:
        """A session that tells who this is on every line that can."""
        n = self.number
        return f"""v=0
o={n} {self.digits} {version} IN IP4 {self.host}
s=Call of {n}
i={n}
u=http://p.example/{n}
e={n}@mail.example ({self.name})
p={n}
c=IN IP4 {self.host}
t={self.digits} 0
m=audio {self.voice} RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=fmtp:8 x={self.digits}
a=ssrc:1 cname:{n}@{self.host}
a=x-own:{n}
a=tool:telephone {n}
a=rtcp:{self.voice + 1} IN IP4 {self.host}
a=candidate:1 1 UDP 2130706431 {self.host} {self.voice} typ host
a={direction}"""


def send(message: str, *, again: bool = True) -> str:
    """A step that sends; what is to be answered is sent again until it is."""
    resend = ' retrans="500"' if again else ""
    return f"<send{resend}><![CDATA[\n{message}\n]]></send>"


_SHORT = {
    "Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m", "Content-Type": "c", "Content-Length": "l",
    "Subject": "s", "Supported": "k", "Referred-By": "b", "Identity": "y",
}  # fmt: skip
"""Names of headers in their compact forms (RFC 3261 §7.3.3, RFC 3892, RFC 4474)."""


def compact(step: str) -> str:
    """The same step with each header that has a short name under it."""
    for name, short in _SHORT.items():
        step = re.sub(f"^{name}:", f"{short}:", step, flags=re.MULTILINE)
    return step


def pause(milliseconds: int) -> str:
    """A step that waits."""
    return f'<pause milliseconds="{milliseconds}"/>'


def expect(*codes: int, route: bool = False) -> str:
    """Steps that wait for an answer; whatever comes before it is let pass."""
    passing = "".join(f'<recv response="{code}" optional="true"/>' for code in (100, 180, 183) if code not in codes)
    kept = ' rrs="true"' if route else ""
    return passing + "".join(f'<recv response="{code}"{kept}/>' for code in codes)


def scenario(name: str, *steps: str) -> str:
    """The file that sipp reads."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">\n' + "\n".join(steps) + "\n</scenario>\n"


@dataclass(frozen=True, slots=True)
class Caller:
    """Sends requests for the number `dialled`. `sender` and `tells` are what stands as From and what tells, if not as usual."""

    me: End
    dialled: str
    sender: str | None = None
    tells: str | None = None
    tag: str = "a[pid]c[call_number]"

    def invite(self, cseq: int = 1, *, direction: str = "sendrecv", offer: bool = True) -> str:
        """Begin a call, or with a `cseq` beyond 1 change it."""
        return send(self._request("INVITE", cseq, within=cseq > 1, body=self.me.sdp(cseq, direction) if offer else ""))

    def ack(self, cseq: int = 1, *, body: str = "") -> str:
        """Confirm an answer."""
        return send(self._request("ACK", cseq, within=True, branch=f"ack{cseq}", body=body), again=False)

    def ack_refusal(self, cseq: int = 1) -> str:
        """Confirm a refusal, which belongs to the request that was refused."""
        return send(self._request("ACK", cseq, within=False, tag="[peer_tag_param]"), again=False)

    def bye(self, cseq: int) -> str:
        """Hang up."""
        return send(self._request("BYE", cseq, within=True))

    def cancel(self) -> str:
        """Give up before there is an answer."""
        return send(self._request("CANCEL", 1, within=False))

    def update(self, cseq: int) -> str:
        """Change the session without ringing."""
        return send(self._request("UPDATE", cseq, within=True, body=self.me.sdp(cseq)))

    def other(self, method: str, *, within: bool = False, cseq: int = 1) -> str:
        """A request without a body."""
        return send(self._request(method, cseq, within=within))

    def text(self, words: str) -> str:
        """Send a text."""
        return send(self._request("MESSAGE", 1, within=False, body=words, kind="text/plain"))

    def _request(
        self, method: str, cseq: int, *, within: bool, body: str = "", kind: str = "application/sdp", **parts: str
    ) -> str:
        me, n = self.me, self.me.number
        sender = self.sender or f'"{me.name} {n}" <sip:{n}@{me.host}:{me.port};user=phone>'
        tag = parts.get("tag", "[peer_tag_param]" if within else "")
        branch = parts.get("branch", f"m{cseq}")
        head = [
            f"{method} {'[next_url]' if within else f'sip:{self.dialled}@[remote_ip]:[remote_port]'} SIP/2.0",
            f"Via: SIP/2.0/UDP {me.host}:{me.port};branch=z9hG4bK[pid]n[call_number]{branch};x-own={me.digits}",
            *(["[routes]"] if within else []),
            f"From: {sender};tag={self.tag}",
            f'To: "as dialled" <sip:{self.dialled}@[remote_ip]:[remote_port]>{tag}',
            "Call-ID: [call_id]",
            f"CSeq: {cseq} {method}",
            f'Contact: "{me.name}" <sip:{n}@{me.host}:{me.port}>;+sip.instance="<urn:uuid:{n}>"',
            "Max-Forwards: 70",
            *([me.tells] if self.tells is None else [self.tells] if self.tells else []),
        ]
        return "\n".join(head) + "\n" + _ending(kind, body)


@dataclass(frozen=True, slots=True)
class Callee:
    """Answers what arrives."""

    me: End

    def take(self, method: str) -> str:
        """Wait for a request."""
        if method != "INVITE":
            return f'<recv request="{method}"/>'
        named = (
            '<ereg regexp="&lt;([^&gt;]*)&gt;" search_in="hdr" header="From:" assign_to="all1,peer"/>'
            '<ereg regexp="tag=([^;[:cntrl:] ]+)" search_in="hdr" header="From:" assign_to="all2,peertag"/>'
        )
        used = '<Reference variables="all1,all2,peer,peertag"/>'
        return f'<recv request="INVITE" rrs="true"><action>{named}</action></recv>{used}'

    def answer(
        self,
        code: int,
        *,
        sdp: bool = False,
        tagged: bool = False,
        cseq: str = "[last_CSeq:]",
        again: bool | None = None,
    ) -> str:
        """Answer. `tagged` says that the To of what is answered has this end's tag already; an answer with SDP is sent `again`
        until it is confirmed, if not told otherwise."""
        me, n = self.me, self.me.number
        tag = "" if tagged else ";tag=b[pid]c[call_number]"
        head = f"""SIP/2.0 {code} Here is {n}
[last_Via:]
[last_To:]{tag}
[last_From:]
[last_Call-ID:]
{cseq}
[last_Record-Route:]
Contact: "{me.name}" <sip:{n}@{me.host}:{me.port}>;+sip.instance="<urn:uuid:{n}>"
{me.tells}"""
        body = me.sdp() if sdp else ""
        return send(f"{head}\n{_ending('application/sdp', body)}", again=sdp if again is None else again)

    def request(self, method: str, cseq: int, *, sdp: bool = False) -> str:
        """Send a request within the call."""
        me, n = self.me, self.me.number
        message = f"""{method} [next_url] SIP/2.0
Via: SIP/2.0/UDP {me.host}:{me.port};branch=z9hG4bK[pid]b[call_number]{method}{cseq};x-own={me.digits}
[routes]
From: "{me.name}" <sip:{n}@{me.host}>;tag=b[pid]c[call_number]
To: <[$peer]>;tag=[$peertag]
Call-ID: [call_id]
CSeq: {cseq} {method}
Contact: "{me.name}" <sip:{n}@{me.host}:{me.port}>
Max-Forwards: 70
{me.tells}
{_ending("application/sdp", me.sdp(cseq) if sdp else "")}"""
        return send(message, again=method != "ACK")


def _ending(kind: str, body: str) -> str:
    if not body:
        return "Content-Length: 0\n"
    return f"Content-Type: {kind}\nContent-Length: [len]\n\n{body}"
