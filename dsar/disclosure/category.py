"""Categories of personal data as a package has them: a closed set, so that no name of a file is ever made of data."""

CATEGORIES = (
    "name",
    "phone",
    "landline",
    "email",
    "address",
    "id_card",
    "passport",
    "bank_card",
    "license_plate",
    "wechat_id",
    "birth_date",
    "geo",
    "note",
    "account",
    "profile",
    "orders",
    "deliveries",
    "payments",
    "invoices",
    "refunds",
    "ratings",
    "reviews",
    "messages",
    "calls",
    "support",
    "devices",
    "sessions",
    "preferences",
    "marketing",
    "loyalty",
    "complaints",
    "shifts",
    "earnings",
    "trips",
    "relay",
    "consents",
    "access_log",
    "other",
)
"""In the order in which a package shows them."""

CONSENTS = "consents"
ACCESS_LOG = "access_log"
OTHER = "other"

_OTHER_WORDS = {
    "assignment": "deliveries",
    "call": "calls",
    "complaint": "complaints",
    "consent": CONSENTS,
    "delivery": "deliveries",
    "delivery_note": "note",
    "device": "devices",
    "file": "deliveries",
    "invoice": "invoices",
    "message": "messages",
    "order": "orders",
    "payment": "payments",
    "position": "trips",
    "preference": "preferences",
    "rating": "ratings",
    "refund": "refunds",
    "review": "reviews",
    "session": "sessions",
    "trip": "trips",
}
_KNOWN = frozenset(CATEGORIES)


def category_of(named: str) -> str:
    """The category that a holder's own word belongs to: `address.work` to `address`, and what is not known to `other`."""
    word = named.partition(".")[0]
    word = _OTHER_WORDS.get(word, word)
    return word if word in _KNOWN else OTHER


def member_of(category: str, form: str) -> str:
    """The name of the member that holds a category as `json` or `csv`.

    Raises:
        ValueError: it is no category of the closed set, or no such form.
    """
    if category not in _KNOWN or form not in {"json", "csv"}:
        raise ValueError("members have names of a closed set")
    return f"{category}.{form}" if category in {CONSENTS, ACCESS_LOG} else f"data/{category}.{form}"
