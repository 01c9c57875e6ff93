"""The ways by which messages leave: to the console, into a file, to a gateway over HTTP, or by mail over TLS.

The first two are for trying things out. They show the words of a message and never the address that it would have gone to.
"""

import smtplib
import ssl
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from pathlib import Path

import orjson

from web.egress import Egress
from web.errors import EgressFailedError, EgressRefusedError
from web.messages.ports import Channel, Contact, Written

SMTP_TIMEOUT_SECONDS = 10.0
ALL_CHANNELS = (Channel.SMS, Channel.EMAIL)


class ConsoleTransport:
    """Says each message by `say`, for trying out."""

    channels: Sequence[Channel] = ALL_CHANNELS

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def deliver(self, contact: Contact, message: Written) -> None:
        self._say(f"message by {contact.channel}: {message.title}: {message.text}")


class FileTransport:
    """Adds each message as a line of JSON to `path`, for trying out and for tests."""

    channels: Sequence[Channel] = ALL_CHANNELS

    def __init__(self, path: Path) -> None:
        self._path = path

    def deliver(self, contact: Contact, message: Written) -> None:
        line = orjson.dumps(
            {
                "channel": contact.channel.value,
                "template": message.template,
                "locale": message.locale,
                "title": message.title,
                "text": message.text,
            }
        )
        self._path.touch(mode=0o600)
        with self._path.open("ab") as written:
            written.write(line + b"\n")


class GatewayTransport:
    """Posts each message as JSON to a gateway for short messages and mail that the operator named:

    {"channel": "sms" | "email", "to", "title", "text", "template", "locale"}

    with `Authorization: Bearer …` where there is a secret. Any 2xx is success.
    """

    channels: Sequence[Channel] = ALL_CHANNELS

    def __init__(self, egress: Egress, url: str, secret: str | None) -> None:
        self._egress = egress
        self._url = url
        self._headers = {"content-type": "application/json"}
        if secret is not None:
            self._headers["authorization"] = f"Bearer {secret}"

    def deliver(self, contact: Contact, message: Written) -> None:
        """Post it. Raises OSError for anything but a 2xx."""
        body = {
            "channel": contact.channel.value,
            "to": contact.address,
            "title": message.title,
            "text": message.text,
            "template": message.template,
            "locale": message.locale,
        }
        try:
            answer = self._egress.call("POST", self._url, headers=self._headers, body=orjson.dumps(body))
        except (EgressFailedError, EgressRefusedError):
            raise OSError("the gateway does not answer") from None
        if not 200 <= answer.status < 300:
            raise OSError(f"the gateway answers {answer.status}")


class MailTransport:
    """Sends mail through one server over TLS, from the first octet (port 465) or by STARTTLS; never without.

    The server's certificate is verified. `login` is a name and a password.
    """

    channels: Sequence[Channel] = (Channel.EMAIL,)

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        implicit_tls: bool,
        login: tuple[str, str] | None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._place = (host, port)
        self._sender = sender
        self._implicit_tls = implicit_tls
        self._login = login
        self._trust = trust

    def deliver(self, contact: Contact, message: Written) -> None:
        """Send it. Raises OSError where the server did not take it."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, contact.address, message.title
        mail["Content-Language"] = message.locale
        mail.set_content(message.text)
        try:
            with self._connected() as server:
                if self._login is not None:
                    server.login(*self._login)
                server.send_message(mail)
        except (smtplib.SMTPException, OSError, ValueError):  # their words can hold the address
            raise OSError("the mail server did not take the message") from None

    def _connected(self) -> smtplib.SMTP:
        trust = ssl.create_default_context() if self._trust is None else self._trust
        host, port = self._place
        if self._implicit_tls:
            return smtplib.SMTP_SSL(host, port, timeout=SMTP_TIMEOUT_SECONDS, context=trust)
        server = smtplib.SMTP(host, port, timeout=SMTP_TIMEOUT_SECONDS)
        try:
            server.starttls(context=trust)
        except BaseException:
            server.close()
            raise
        return server
