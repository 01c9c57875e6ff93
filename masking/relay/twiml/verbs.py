"""TwiML, as few of its verbs as the relay speaks. `<Number>` and the `to` of `<Message>` are the only places where anybody's
number stands."""

import re
from xml.etree import ElementTree as Xml

CONTENT_TYPE = "text/xml; charset=utf-8"

RING_SECONDS = 30
DIGITS_SECONDS = 10

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What cannot stand in XML 1.0 (section 2.2) even escaped."""


class Reply:
    """One `<Response>`, verb by verb."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._root = Xml.Element("Response")

    def say(self, text: str) -> "Reply":
        """Read a text to the caller."""
        Xml.SubElement(self._root, "Say", language=self._language).text = text
        return self

    def hang_up(self) -> "Reply":
        """End the call."""
        Xml.SubElement(self._root, "Hangup")
        return self

    def reject(self, reason: str) -> "Reply":
        """Refuse the call before it is answered: `rejected` or `busy`."""
        Xml.SubElement(self._root, "Reject", reason=reason)
        return self

    def gather(self, prompt: str, *, digits: int, action: str) -> "Reply":
        """Ask for digits, which are posted to `action`."""
        verb = Xml.SubElement(
            self._root,
            "Gather",
            input="dtmf",
            numDigits=str(digits),
            timeout=str(DIGITS_SECONDS),
            actionOnEmptyResult="true",
            method="POST",
            action=action,
        )
        Xml.SubElement(verb, "Say", language=self._language).text = prompt
        return self

    def dial(self, to: str, *, present: str, seconds: int, after: str, status: str, recorded: str | None) -> "Reply":
        """Connect the caller with `to`, who sees `present`, for so many seconds at most. `after` and `status` are told of it.
        `recorded` is the address of what `to` hears before a recorded call begins; None records nothing."""
        verb = Xml.SubElement(
            self._root,
            "Dial",
            answerOnBridge="true",
            callerId=present,
            timeout=str(RING_SECONDS),
            timeLimit=str(seconds),
            method="POST",
            action=after,
        )
        number = Xml.SubElement(
            verb,
            "Number",
            statusCallback=status,
            statusCallbackMethod="POST",
            statusCallbackEvent="ringing answered completed",
        )
        if recorded is not None:
            verb.set("record", "record-from-answer-dual")
            number.set("url", recorded)
            number.set("method", "POST")
        number.text = to
        return self

    def message(self, to: str, *, present: str, text: str) -> "Reply":
        """Send a text from `present`."""
        verb = Xml.SubElement(self._root, "Message", attrib={"to": to, "from": present})
        verb.text = _NOT_XML.sub("", text)
        return self

    def write_back(self, text: str) -> "Reply":
        """Send a text to whoever wrote, from the number that they wrote to: what a switch does where neither is named."""
        Xml.SubElement(self._root, "Message").text = text
        return self

    def octets(self) -> bytes:
        """The document."""
        written: bytes = Xml.tostring(self._root, encoding="utf-8", xml_declaration=True)
        return written
