"""`moat consent catalogue` and `moat consent ropa`, on the embedded database."""

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from commands.program import main
from consent.catalogue_text import STARTER, starter_catalogue
from database.columns import millis
from database.engine import Database
from tests.support.clock import START
from web.issuance import Occasion
from web.tenancy import TenantDesk

SMS = "marketing_sms"


class Host:
    """The host of a deployment with two tenants."""

    def __init__(self, place: Path, template: Path) -> None:
        self.place = place
        (place / "data").mkdir()
        shutil.copy(template, place / "data" / "moat.db")
        database = Database(f"sqlite:///{place / 'data' / 'moat.db'}")
        at = millis(START)
        for name in ("default", "other"):
            now = Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)
            TenantDesk(database, AuditLog()).create(name, "CN", now)
        database.dispose()

    def moat(self, line: str, *paths: Path, status: int = 0) -> Result:
        words = ["consent", *shlex.split(line), *map(str, paths), "--data", str(self.place / "data")]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == status, result.output
        return result

    def file(self, **edits: Any) -> Path:
        """The exported catalogue with edits of its top level or of marketing by message, as a file."""
        exported = self.place / "exported.yaml"
        self.moat("catalogue export", exported)
        tree = yaml.safe_load(exported.read_text(encoding="utf-8"))
        tree["purposes"][SMS].update(edits.pop("sms", {}))
        tree.update(edits)
        changed = self.place / "changed.yaml"
        changed.write_text(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False), encoding="utf-8")
        return changed


@pytest.fixture
def host(tmp_path: Path, sqlite_template: Path) -> Host:
    return Host(tmp_path, sqlite_template)


def test_a_tenant_begins_with_the_starter_which_names_nobody_real(host: Host) -> None:
    shown = host.moat("catalogue show --locale en")
    assert "Example Delivery Platform" in shown.output
    assert "version 1, the starter" in shown.output
    assert "put your own in before you show anybody a notice" in shown.output
    as_json = json.loads(host.moat("catalogue show --json --locale zh-Hant").output)
    assert [one["purpose"] for one in as_json["purposes"]] == list(starter_catalogue().purposes())


def test_what_is_exported_is_what_is_in_force_and_applies_without_a_change(host: Host) -> None:
    host.moat("catalogue show")
    exported = host.place / "all.yaml"
    host.moat("catalogue export", exported)
    assert exported.read_text(encoding="utf-8").startswith("version: 1\n")
    assert "version 1 is in force already" in host.moat("catalogue apply", exported).output
    assert "version 1 is in force already" in host.moat("catalogue apply", STARTER).output


def test_a_change_is_shown_then_applied_and_the_old_version_stays(host: Host) -> None:
    host.moat("catalogue show")
    changed = host.file(
        version=2, sms={"kinds": ["phone", "landline"], "notice": {"version": 2, "change": "landlines too"}}
    )
    shown = json.loads(host.moat("catalogue diff --json", changed).output)
    assert shown == {
        "was": 1,
        "version": 2,
        "changes": [
            {
                "purpose": SMS,
                "changed": ["kinds_added", "wording"],
                "notice_was": 1,
                "notice": 2,
                "material": True,
                "ask_again": 0,
            }
        ],
    }
    assert "1 → 2, material" in host.moat("catalogue diff", changed).output
    assert "version 2 is in force" in host.moat("catalogue apply", changed).output
    assert "landline" in host.moat("catalogue export").output.split(f"{SMS}:")[1].split("recipients")[0]
    old = yaml.safe_load(host.moat("catalogue export --version 1").output)
    assert old["purposes"][SMS]["kinds"] == ["phone"]


def test_a_catalogue_that_contradicts_the_published_is_refused_with_the_field_and_a_way_out(host: Host) -> None:
    host.moat("catalogue show")
    changed = host.file(version=2, sms={"kinds": ["phone", "landline"]})
    refused = host.moat("catalogue apply", changed, status=1)
    assert f"purposes.{SMS}.notice.version: 1 is published with other words; take 2" in refused.output
    refused = host.moat("catalogue diff", host.file(version=2, sms={"kinds": ["fax"]}), status=1)
    assert f"purposes.{SMS}.kinds: no group holds the kind fax" in refused.output
    refused = host.moat("catalogue apply", host.file(sms={"reask_days": 9}), status=1)
    assert "version: 1 is published with other content; take 2" in refused.output


def test_each_tenant_is_worked_on_by_its_name(host: Host) -> None:
    host.moat("catalogue show")
    host.moat("catalogue apply --tenant other", host.file(version=4))
    assert "version 4, applied" in host.moat("catalogue show --tenant other").output
    assert "version 4" not in host.moat("catalogue show").output
    assert "there is no such tenant" in host.moat("catalogue show --tenant nobody", status=2).output


def test_telling_takes_a_page_to_lead_to_and_answers_with_its_job(host: Host) -> None:
    host.moat("catalogue show")
    assert "controller.url: needed" in host.moat(f"catalogue tell {SMS}", status=1).output
    exported = yaml.safe_load(host.moat("catalogue export").output)
    controller = {**exported["controller"], "url": "https://platform.test/privacy"}
    host.moat("catalogue apply", host.file(version=2, controller=controller))
    assert host.moat(f"catalogue tell {SMS}").output.startswith("job 0")


@pytest.mark.parametrize(("form", "begins"), [("html", b"<!doctype html>"), ("json", b"{"), ("csv", b"\xef\xbb\xbf")])
def test_the_record_is_written_to_a_file(host: Host, form: str, begins: bytes) -> None:
    path = host.place / "record"
    host.moat(f"ropa --format {form} --locale en --output {path}")
    assert path.read_bytes().startswith(begins)
