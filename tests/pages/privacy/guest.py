"""A person in the privacy centre without a browser: the forms of its pages, sent as a browser would send them."""

import re
import threading
from dataclasses import replace
from functools import partial
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from database.columns import millis
from dsar.identity.asking import KIND
from tests.dsar.identity.centre import Centre, Someone
from work.desk import move
from work.job import JobState

ORIGIN = "https://localhost"
MANY = 1_000


class Guest:
    """One browser's cookies. `page` is the last page that was seen."""

    def __init__(self, centre: Centre, *, tenant: str = "default", language: str = "en") -> None:
        self.centre = centre
        self.client = centre.moat.app.test_client()
        self._root = f"/privacy/{tenant}"
        self._language = language
        self.page = ""

    def get(self, path: str, **more: Any) -> TestResponse:
        """Open a page, or follow an address that the service gave."""
        return self._seen(self.client.get(self._address(path), **self._as_browser(), **more))

    def post(self, path: str, *, token: str | None = None, **fields: str) -> TestResponse:
        """Send a form with the token of the last page."""
        given = token if token is not None else self.field("form_token")
        data = {"form_token": given, **fields}
        return self._seen(self.client.post(self._address(path), data=data, **self._as_browser()))

    def field(self, name: str) -> str:
        """The value of a hidden field of the last page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert found is not None, f"no field {name} in {self.page[:2000]}"
        return unescape(found[1])

    def follow(self, answer: TestResponse) -> TestResponse:
        """Go where an answer leads."""
        assert answer.status_code == 303, (answer.status_code, answer.text[-800:])
        return self.get(answer.headers["Location"])

    def sign_in(self, who: Someone, kind: str = "phone") -> "Guest":
        """Sign in by a code."""
        self.get("/sign-in")
        asked = self.post("/sign-in", name=who.fields[kind])
        assert asked.status_code == 200, asked.text
        fields = {"challenge": self.field("challenge"), "sent_to": self.field("sent_to")}
        self.follow(self.post("/sign-in/code", code=self.centre.codes()[-1], **fields))
        return self

    def enter(self, who: Someone) -> "Guest":
        """Come in from the platform."""
        link = link_of(self.centre, who)
        assert self.get(link).status_code == 200
        self.follow(self.post(link))
        return self

    def with_code(self, path: str, **fields: str) -> TestResponse:
        """Send a form that asks for a code, and enter the code."""
        publish(self.centre)
        asked = self.post(path, **fields)
        assert 'name="challenge"' in self.page, (asked.status_code, self.page[-900:])
        action = re.search(r'<form method="post" action="([^"]+)" class="form"', self.page)
        assert action is not None
        given = {"challenge": self.field("challenge"), "what": self.field("what")}
        return self.post(unescape(action[1]), code=self.centre.codes()[-1], **given)

    def ask(self, what: str, **fields: str) -> str:
        """Make a request; its number."""
        self.get(f"/requests/new/{what}")
        made = self.post(f"/requests/new/{what}", once=self.field("once"), **fields)
        assert made.status_code == 303, made.text
        return made.headers["Location"].rsplit("/", 1)[1]

    def _address(self, path: str) -> str:
        return path if path.startswith("/privacy/") else self._root + path

    def _as_browser(self) -> dict[str, Any]:
        headers = {"Accept": "text/html", "Accept-Language": self._language, "Sec-Fetch-Site": "same-origin"}
        return {"base_url": ORIGIN, "headers": headers}

    def _seen(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html":
            self.page = answer.get_data(as_text=True)
        return answer


def publish(centre: Centre) -> None:
    """Have the log published as far as it goes: while it is behind the clock, no value is shown."""
    while centre.moat.publishing._run_once():
        pass


def link_of(centre: Centre, who: Someone) -> str:
    """The path of a new hand-over link's page, below that of the tenant."""
    return centre.page_of_link(who).partition("/privacy/default")[2]


def carry(centre: Centre) -> None:
    """Do all that waits to be done, but for codes, which tests ask for by themselves."""
    ended = threading.Event()

    def keep_publishing() -> None:
        while not ended.wait(0.02):
            publish(centre)

    beside = threading.Thread(target=keep_publishing)
    beside.start()
    try:
        _carry(centre)
    finally:
        ended.set()
        beside.join()


def _carry(centre: Centre) -> None:
    tasks = {task.kind: task for task in centre.moat.work.tasks if task.kind != KIND}
    while jobs := [
        job
        for job in centre.moat.jobs.page(centre.tenant, before=None, limit=MANY, kind=None, state=JobState.QUEUED)
        if job.kind in tasks
    ]:
        for job in jobs:
            number, done = 0, 0
            while True:
                progress = tasks[job.kind].step(replace(job, done=done, step=number), number)
                number, done = number + 1, progress.done
                if progress.finished:
                    break
            at = millis(centre.clock())
            centre.moat.database.write(centre.tenant, partial(move, job=job, state=JobState.DONE, at=at))
