"""Messages to people: their words in every language, and each way by which they leave, without an address in any trace."""

import json
import socketserver
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsar.alerts.breach import Advice, Cause, Facts, Harm, Measure
from dsar.alerts.words import facts_told
from dsar.desk.letters import wordings
from settings import Settings
from tests.support.receiver import Received, receiving
from tests.web.certificates import Authority
from web.egress import Egress
from web.messages.ports import Channel, Contact, Written
from web.messages.post import Post
from web.messages.texts import LOCALES, Texts, places_of
from web.messages.transports import ConsoleTransport, FileTransport, GatewayTransport, MailTransport

PHONE = Contact(Channel.SMS, "+8613812345678")
MAIL = Contact(Channel.EMAIL, "zhang.san@example.com")


class Book:
    """Knows one address for everybody, and was asked for these channels."""

    def __init__(self, known: Contact | None) -> None:
        self.known = known
        self.asked: list[tuple[int, int, tuple[Channel, ...]]] = []

    def contact(self, tenant: int, subject: int, channels: Sequence[Channel]) -> Contact | None:
        self.asked.append((tenant, subject, tuple(channels)))
        return self.known


def message() -> Written:
    return Texts.shipped().written("verification_code", "en", {"code": "493026", "minutes": "10"})


def test_every_shipped_message_has_its_words_and_the_same_places_in_every_language() -> None:
    texts = Texts.shipped()
    for template, by_locale in texts._templates.items():
        places = places_of(" ".join(by_locale["en"].values()))
        for locale, channel in product(LOCALES, Channel):
            written = texts.written(template, locale, dict.fromkeys(places, "x"), channel=channel)
            assert written.title
            assert written.text
            assert "$" not in written.title + written.text


LONGEST = {
    "code": "123456",
    "minutes": "10",
    "request": "019a0000-0000-7000-8000-000000000000",
    "breach": "019a0000-0000-7000-8000-000000000000",
    "due": "2026-12-31",
    "since": "2026-12-01",
    "until": "2026-12-31",
    "effective": "2026-12-31",
    "happened": "2026-12-31",
    "days": "30",
    "count": "9999",
    "link": "https://privacy.example.com/privacy/default/packages/mpk1_" + "x" * 43,
    "contact": "privacy-office@delivery.example.com",
}
"""What fills places whose length does not depend on the language."""

WORDY = {
    "zh-Hans": {
        "right": "限制处理个人信息",
        "purpose": "精准位置与配送提醒",
        "who": "配送员 12 次、客服 3 次、商家 8 次",
    },
    "zh-Hant": {
        "right": "限制處理個人資料",
        "purpose": "精準位置與配送提醒",
        "who": "配送員 12 次、客服 3 次、商家 8 次",
    },
    "en": {
        "right": "restriction of the use of your data",
        "purpose": "Marketing by SMS",
        "who": "couriers 12, support 3, merchants 8",
    },
}


EVERYTHING = Facts(
    kinds=("name", "phone", "address", "id_card"),
    cause=Cause.MISCONFIGURED,
    harms=(Harm.SCAM_CALLS, Harm.IDENTITY_MISUSE),
    measures=(Measure.STOPPED, Measure.REPORTED, Measure.WATCHING),
    advice=(Advice.DISTRUST_CALLS, Advice.NO_CODES),
    happened_at=1_795_000_000_000,
)
"""A breach that has much to tell."""


def longest(kind: str, locale: str) -> str:
    """The longest words of a kind of the desk's codes."""
    return max((words[locale] for words in wordings(kind).values()), key=len)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_short_message_stays_within_four_parts_however_long_what_fills_it(locale: str) -> None:
    texts = Texts.shipped()
    # GSM 03.38 and UCS-2, each with the header of a part: 3GPP TS 23.040, 9.2.3.24.1
    per_part = 153 if locale == "en" else 67
    for template in texts._templates:
        values = {**LONGEST, **WORDY[locale], **facts_told(EVERYTHING, locale)}
        values |= {"reason": longest("denials", locale), "remedy": longest("remedies", locale)}
        written = texts.written(template, locale, values, channel=Channel.SMS)
        assert len(written.text) <= 4 * per_part, (template, len(written.text))
        mail = texts.written(template, locale, values)
        assert len(written.text) <= len(mail.text), template
        assert locale != "en" or written.text.isascii()


SEVEN = {
    "verification_code": 1,
    "request_received": 2,
    "request_due": 1,
    "request_completed": 2,
    "notice_changed": 2,
    "access_digest": 2,
    "breach": 3,
}
"""What a person hears of most, and in how many parts of a short message at most, in Chinese and in English."""


@pytest.mark.parametrize("locale", LOCALES)
def test_what_people_hear_of_most_reaches_a_telephone_and_a_mailbox(locale: str) -> None:
    usual = replace(EVERYTHING, kinds=("phone",), harms=(Harm.SPAM,), advice=(Advice.NO_CODES,))
    link = "https://p.example.com/n/1"
    values = {**LONGEST, **WORDY[locale], **facts_told(usual, locale), "link": link, "reason": "", "remedy": ""}
    one, several = (160, 153) if locale == "en" else (70, 67)
    for template, parts in SEVEN.items():
        said: list[str] = []
        for contact in (PHONE, MAIL):
            post = Post(Book(contact), ConsoleTransport(said.append), Texts.shipped())
            places = places_of(" ".join(Texts.shipped()._templates[template][locale].values()))
            given = {place: values[place] for place in places}
            assert post.send(1, 2, template=template, locale=locale, values=given) == contact.channel.value
        short = Texts.shipped().written(template, locale, values, channel=Channel.SMS).text
        assert short in said[0]
        assert len(short) <= (one if parts == 1 else parts * several), (template, len(short))


def test_mail_leads_to_the_privacy_centre_and_short_messages_do_not_spend_room_on_it() -> None:
    texts, centre = Texts.shipped(), "https://privacy.example.com/privacy/default/"
    values = {"code": "493026", "minutes": "10"}
    for locale in LOCALES:
        mail = texts.written("verification_code", locale, values, centre=centre)
        assert mail.text.endswith(centre)
        short = texts.written("verification_code", locale, values, channel=Channel.SMS, centre=centre)
        assert centre not in short.text


def test_each_channel_gets_its_own_form() -> None:
    values = {"code": "493026", "minutes": "10"}
    said: list[str] = []
    for contact in (PHONE, MAIL):
        Post(Book(contact), ConsoleTransport(said.append), Texts.shipped(), lambda _: "https://c.example/").send(
            1, 2, template="verification_code", locale="en", values=values
        )
    assert len(said[0]) < len(said[1])
    assert ["https://c.example/" in one for one in said] == [False, True]


def test_texts_that_lack_a_language_or_differ_in_their_places_are_refused() -> None:
    whole = {locale: {"title": "t", "text": "$a", "sms": "$a"} for locale in LOCALES}
    Texts({"m": whole})
    for broken in (
        {name: one for name, one in whole.items() if name != "en"},
        {**whole, "en": {"title": "t", "text": "$b", "sms": "$a"}},
        {**whole, "en": {"title": "t", "text": "$a", "sms": "$b"}},
        {**whole, "en": {"title": "t", "text": "$a"}},
    ):
        with pytest.raises(ValueError, match="message m"):
            Texts({"m": broken})


@given(st.text().filter(lambda text: not text.isprintable()))
def test_what_fills_a_place_cannot_add_lines_or_headers(value: str) -> None:
    with pytest.raises(ValueError, match="one short line"):
        Texts.shipped().written("verification_code", "en", {"code": value, "minutes": "10"})


@pytest.mark.parametrize(
    ("template", "locale", "values"),
    [
        ("unknown", "en", {}),
        ("verification_code", "fr", {"code": "1", "minutes": "10"}),
        ("verification_code", "en", {"code": "1"}),
        ("verification_code", "en", {"code": "1" * 501, "minutes": "10"}),
    ],
)
def test_a_message_that_cannot_be_written_opens_no_address(template: str, locale: str, values: dict[str, str]) -> None:
    book = Book(PHONE)
    with pytest.raises(ValueError, match=r"message|place"):
        Post(book, ConsoleTransport(lambda _: None), Texts.shipped()).send(
            1, 2, template=template, locale=locale, values=values
        )
    assert book.asked == []


def test_the_address_is_looked_up_at_sending_and_nobody_is_reached_without_one() -> None:
    said: list[str] = []
    book = Book(PHONE)
    post = Post(book, ConsoleTransport(said.append), Texts.shipped())
    values = {"code": "493026", "minutes": "10"}
    assert post.send(1, 2, template="verification_code", locale="zh-Hant", values=values) == "sms"
    assert book.asked == [(1, 2, (Channel.SMS, Channel.EMAIL))]
    book.known = None
    assert post.send(1, 2, template="verification_code", locale="en", values=values) is None
    assert len(said) == 1
    assert "493026" in said[0]


def test_console_and_file_never_show_an_address(tmp_path: Path) -> None:
    said: list[str] = []
    ConsoleTransport(said.append).deliver(MAIL, message())
    file = tmp_path / "messages.ndjson"
    for _ in range(2):
        FileTransport(file).deliver(PHONE, message())
    lines = file.read_text().splitlines()
    assert [json.loads(line)["template"] for line in lines] == ["verification_code"] * 2
    assert file.stat().st_mode & 0o077 == 0
    assert not [text for text in (*said, *lines, repr(PHONE), repr(message())) if "138" in text or "zhang" in text]
    assert "493026" not in repr(message())


def test_a_gateway_gets_the_message_as_json_and_must_take_it() -> None:
    with receiving() as gateway:
        egress = Egress(allowed=[], internal=[gateway.origin])
        transport = GatewayTransport(egress, f"{gateway.origin}/send", "s3cret")
        transport.deliver(PHONE, message())
        (call,) = gateway.calls
        assert call.headers["authorization"] == "Bearer s3cret"
        assert (call.told["channel"], call.told["to"]) == ("sms", "+8613812345678")
        assert "493026" in call.told["text"]
        for status in (302, 400, 500):
            gateway.answer = partial(_answer, status)
            with pytest.raises(OSError, match=str(status)) as failed:
                transport.deliver(PHONE, message())
            assert "138" not in str(failed.value)
        refused = GatewayTransport(Egress(allowed=[]), f"{gateway.origin}/send", None)
        with pytest.raises(OSError, match="does not answer"):
            refused.deliver(PHONE, message())


def _answer(status: int, _call: Received) -> int:
    return status


class MailServer(socketserver.StreamRequestHandler):
    """As much of SMTP as one message takes. `taken` is what came after DATA."""

    taken: list[bytes] = []  # noqa: RUF012
    context: ssl.SSLContext
    implicit: bool = True
    refuses: bool = False

    def setup(self) -> None:
        if self.implicit:
            self.request = self.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline():
            verb = line.split()[0].upper().decode()
            if verb == "EHLO":
                self._say("250-mail", "250 STARTTLS" if not isinstance(self.request, ssl.SSLSocket) else "250 HELP")
            elif verb == "STARTTLS":
                self._say("220 go")
                super().finish()
                self.request = self.context.wrap_socket(self.request, server_side=True)
                super().setup()
            elif verb == "RCPT" and self.refuses:
                self._say("550 no such user zhang.san@example.com")
            elif verb == "DATA":
                self._say("354 go")
                self.taken.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@pytest.fixture(params=["implicit", "starttls"])
def mail(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[MailTransport, type[MailServer]]]:
    authority = Authority(tmp_path, "authority")
    certificate, key = authority.issue("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    implicit = request.param == "implicit"
    kind = type("Handler", (MailServer,), {"context": context, "implicit": implicit, "taken": []})
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is expected here
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    trust = ssl.create_default_context(cafile=str(authority.file))
    port = server.server_address[1]
    sender = "privacy@example.com"
    yield MailTransport("localhost", port, sender=sender, implicit_tls=implicit, login=None, trust=trust), kind
    server.shutdown()
    server.server_close()


def test_mail_leaves_over_tls_with_its_subject_and_words(mail: tuple[MailTransport, type[MailServer]]) -> None:
    transport, server = mail
    transport.deliver(MAIL, message())
    (taken,) = server.taken
    assert b"Subject: Your verification code" in taken
    assert b"To: zhang.san@example.com" in taken
    assert b"493026" in taken


def test_what_a_mail_server_refuses_is_told_without_its_words(mail: tuple[MailTransport, type[MailServer]]) -> None:
    transport, server = mail
    server.refuses = True
    with pytest.raises(OSError, match="did not take") as failed:
        transport.deliver(MAIL, message())
    assert "zhang" not in str(failed.value)
    assert failed.value.__suppress_context__


def test_mail_does_not_leave_where_the_certificate_is_of_somebody_else(
    mail: tuple[MailTransport, type[MailServer]],
) -> None:
    transport, server = mail
    transport._trust = ssl.create_default_context()
    with pytest.raises(OSError, match="did not take"):
        transport.deliver(MAIL, message())
    assert server.taken == []


@pytest.mark.parametrize(
    ("named", "more"),
    [
        ("carrier-pigeon", {}),
        ("file:", {}),
        ("ftp://gateway.example.com", {}),
        ("http://gateway.example.com/send", {}),
        ("https://user:pass@gateway.example.com/", {}),
        ("smtps://mail.example.com", {}),
    ],
)
def test_a_way_that_is_none_or_would_go_in_the_clear_is_refused(
    named: str, more: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="--messenger"):
        Settings(data=tmp_path / "data", keys=tmp_path / "keys", messenger=named, **more)  # type: ignore[arg-type]  # texts


@pytest.mark.parametrize("named", ["none", "console", "file:messages.ndjson", "https://gateway.example.com/send"])
def test_the_ways_that_can_be_chosen(named: str, tmp_path: Path) -> None:
    assert Settings(data=tmp_path / "data", keys=tmp_path / "keys", messenger=named).messenger == named
