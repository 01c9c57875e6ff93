"""All SQL of what holders are asked."""

from uuid import UUID

from database.statement import Insertion, Statement
from database.transaction import Row
from dsar.holders.holder import Act
from dsar.holders.tables import HolderTaskRow
from dsar.holders.task import Task, TaskState

INSERT_TASKS = Insertion(
    HolderTaskRow,
    (
        "tenant",
        "request",
        "holder",
        "act",
        "key",
        "outside",
        "state",
        "attempts",
        "next_at",
        "deadline_at",
        "count",
        "created_at",
    ),
)
_TASK = """t.id, t.tenant, t.request, t.holder, t.act, t.key, t.outside, t.state, t.attempts, t.next_at, t.deadline_at, t.status,
    t.error, t.method, t.count, t.evidence, t.created_at, t.ended_at"""
TASK_OF_ERRAND = Statement(f"""
    SELECT {_TASK} FROM holder_task t
    WHERE t.tenant = :tenant AND t.request = :request AND t.holder = :holder AND t.act = :act AND t.key = :key
""")  # noqa: S608 - constant columns
TASK = Statement(f"SELECT {_TASK} FROM holder_task t WHERE t.tenant = :tenant AND t.id = :id")  # noqa: S608 - constant columns
TASK_TO_CHANGE = Statement(f"""
    SELECT {_TASK} FROM holder_task t WHERE t.tenant = :tenant AND t.id = :id {{for_update:t}}
""")  # noqa: S608 - constant columns
TASKS_OF_REQUEST = Statement(f"""
    SELECT {_TASK} FROM holder_task t
    WHERE t.tenant = :tenant AND t.request = :request AND t.id > :after ORDER BY t.id LIMIT :limit
""")  # noqa: S608 - constant columns
DEAD_TASKS = Statement(f"""
    SELECT {_TASK} FROM holder_task t
    WHERE t.tenant = :tenant AND t.state = 'dead' AND t.id > :after ORDER BY t.id LIMIT :limit
""")  # noqa: S608 - constant columns
ANY_DEAD = Statement("SELECT 1 FROM holder_task WHERE state = 'dead' LIMIT 1")

SET_COUNT = Statement("UPDATE holder_task SET count = :count WHERE tenant = :tenant AND id = :id AND state = 'asked'")
ACCEPT = Statement("""
    UPDATE holder_task SET state = 'accepted', attempts = 0, error = NULL, status = :status, next_at = :next_at
    WHERE tenant = :tenant AND id = :id AND state = 'asked'
""")
PUT_OFF = Statement("""
    UPDATE holder_task SET state = :state, attempts = :attempts, next_at = :next_at, status = :status, error = :error
    WHERE tenant = :tenant AND id = :id AND state IN ('asked', 'accepted')
""")
END = Statement("""
    UPDATE holder_task SET state = :state, status = :status, error = :error, method = :method, count = :count,
        evidence = :evidence, ended_at = :at
    WHERE tenant = :tenant AND id = :id AND state IN ('asked', 'accepted')
""")
FORGET = Statement("DELETE FROM holder_task WHERE ended_at < :before AND state <> 'dead'")
REOPEN = Statement("""
    UPDATE holder_task SET state = 'asked', attempts = 0, next_at = :at, ended_at = NULL
    WHERE tenant = :tenant AND id = :id AND state = 'completed'
""")
BEGIN_AGAIN = Statement("""
    UPDATE holder_task SET state = 'asked', outside = :outside, attempts = 0, next_at = :at, deadline_at = :deadline_at,
        error = NULL, status = NULL, ended_at = NULL
    WHERE tenant = :tenant AND id = :id AND state = 'dead'
""")


def task_of(row: Row) -> Task:
    """A task of its columns."""
    number, tenant, request, holder, act, key, outside, state, attempts, next_at, deadline_at = row[:11]
    status, error, method, count, evidence, created_at, ended_at = row[11:]
    return Task(
        id=number,
        tenant=tenant,
        request=UUID(bytes=bytes(request)),
        holder=holder,
        act=Act(act),
        key=key,
        outside=None if outside is None else UUID(bytes=bytes(outside)),
        state=TaskState(state),
        attempts=attempts,
        next_at=next_at,
        deadline_at=deadline_at,
        status=status,
        error=error,
        method=method,
        count=count,
        evidence=None if evidence is None else bytes(evidence),
        created_at=created_at,
        ended_at=ended_at,
    )
