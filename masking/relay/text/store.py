"""All SQL of texts."""

from database.statement import Insertion, Statement
from masking.relay.text.tables import RelayTextCountRow, RelayTextStopRow

PARTIES = Statement("""
    SELECT id FROM relay_party WHERE tenant = :tenant AND fingerprint = :fingerprint ORDER BY id
""")

INSERT_COUNTS = Insertion(RelayTextCountRow, ("tenant", "binding", "sender", "hour", "count"), ignore_conflicts=True)
COUNT_ONE = Statement("""
    UPDATE relay_text_count SET count = count + 1
    WHERE tenant = :tenant AND binding = :binding AND sender = :sender AND hour = :hour
""")
OF_BINDING = Statement("""
    SELECT coalesce(sum(count), 0) FROM relay_text_count WHERE tenant = :tenant AND binding = :binding AND hour > :after
""")
OF_SENDER = Statement("""
    SELECT coalesce(sum(count), 0) FROM relay_text_count WHERE tenant = :tenant AND sender = :sender AND hour > :after
""")
FORGET_COUNTS = Statement("DELETE FROM relay_text_count WHERE hour <= :hour")
FORGET_SENDER = Statement("""
    DELETE FROM relay_text_count WHERE tenant = :tenant AND sender IN (
        SELECT p.id FROM relay_party p WHERE p.tenant = :tenant AND p.subject = :subject)
""")

INSERT_STOPS = Insertion(RelayTextStopRow, ("tenant", "party", "number", "at"), ignore_conflicts=True)
STOPPED = Statement("""
    SELECT 1 FROM relay_text_stop s JOIN relay_party p ON p.tenant = s.tenant AND p.id = s.party
    WHERE s.tenant = :tenant AND s.number = :number AND p.fingerprint = :fingerprint
""")
DELETE_STOPS = Statement("""
    DELETE FROM relay_text_stop WHERE tenant = :tenant AND number = :number AND party IN (
        SELECT p.id FROM relay_party p WHERE p.tenant = :tenant AND p.fingerprint = :fingerprint)
""")
FORGET_STOPS = Statement("""
    DELETE FROM relay_text_stop WHERE tenant = :tenant AND party IN (
        SELECT p.id FROM relay_party p WHERE p.tenant = :tenant AND p.subject = :subject)
""")
