"""A presidio recognizer over Moat's scanner. It needs presidio-analyzer, and of an engine's language models nothing.

from masking.recognizers.plugin import MoatRecognizer
registry.add_recognizer(MoatRecognizer(supported_language="zh"))
"""

from typing import Final

from presidio_analyzer import LocalRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from masking.detection.scanning import Scanner
from masking.finding import Finder

ENTITIES: Final = {
    "name": "PERSON",
    "place": "LOCATION",
    "address": "CN_ADDRESS",
    "phone": "PHONE_NUMBER",
    "landline": "PHONE_NUMBER",
    "email": "EMAIL_ADDRESS",
    "id_card": "ID_CARD",
    "passport": "PASSPORT",
    "birth_date": "DATE_OF_BIRTH",
    "travel_permit": "TRAVEL_PERMIT",
    "bank_card": "CREDIT_CARD",
    "credit_code": "CN_CREDIT_CODE",
    "wechat_id": "WECHAT_ID",
    "qq": "QQ",
    "license_plate": "LICENSE_PLATE",
    "parcel": "PARCEL",
    "imei": "IMEI",
    "mac_address": "MAC_ADDRESS",
    "uuid": "UUID",
    "ip_address": "IP_ADDRESS",
    "secret": "SECRET",
    "geo": "GEO",
}
"""What presidio calls each kind, in its own names where it has one."""


class MoatRecognizer(LocalRecognizer):
    """Finds every kind in one pass. A text with too many candidates is one finding of the entity `EVERYTHING`."""

    def __init__(self, supported_language: str = "zh", finder: Finder | None = None) -> None:
        """Without a finder of names, only those that announce themselves are found; see `with_names`."""
        self._finder = finder or Finder(Scanner())
        super().__init__(
            supported_entities=sorted({*ENTITIES.values(), "EVERYTHING"}),
            name="MoatRecognizer",
            supported_language=supported_language,
        )

    def load(self) -> None:
        """Nothing: the patterns are compiled with the scanner."""

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002 - presidio's signature
    ) -> list[RecognizerResult]:
        """The findings of the entities that are asked for."""
        (spans,) = self._finder.find([text])
        if spans is None:
            return [RecognizerResult("EVERYTHING", 0, len(text), 1.0)]
        wanted = set(entities)
        return [
            RecognizerResult(ENTITIES[span.kind], span.start, span.end, span.score)
            for span in spans
            if ENTITIES[span.kind] in wanted
        ]
