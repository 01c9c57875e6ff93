"""`moat policy` as an operator runs it."""

import json
import shlex
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from composition.catalogue import catalogue_at
from tests.support.catalogue import source
from vault.policy_cli import policy_group


def moat_policy(line: str) -> Result:
    return CliRunner().invoke(policy_group(catalogue_at), shlex.split(line))


def test_check_of_a_couriers_plain_phone_exits_1_and_names_policy_and_remedy() -> None:
    result = moat_policy("check --role courier --purpose delivery --kind phone --view plain --stage picked_up")
    assert result.exit_code == 1
    assert "deny" in result.output
    assert "contact_details_are_never_plain_to_a_courier" in result.output
    assert "in the masked view" in result.output


def test_check_of_something_allowed_exits_0() -> None:
    options = "--role support --purpose support --kind phone --view plain --ref ticket:t-1"
    result = moat_policy(f"check {options}")
    assert result.exit_code == 0
    assert "support_sees_plain_on_a_ticket" in result.output


def test_check_prints_json_for_machines() -> None:
    options = "--role service --acting-for courier --purpose delivery --kind name --view plain --stage assigned --json"
    answer = json.loads(moat_policy(f"check {options}").output)
    assert answer["decision"] == "deny"
    assert answer["would_allow"][0]["change"] == "in the masked view"
    assert answer["would_allow"][0]["ask"]["acting_for"] == "courier"
    assert len(answer["policy_epoch"]) == 16


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--role service --purpose delivery --kind id_card", "does not need the kind id_card"),
        ("--role service --purpose curiosity --kind phone", "does not list this purpose"),
        ("--role customer --purpose delivery --kind phone", "no policy permits it"),
        ("--role support --action shred", "no policy permits it"),
    ],
)
def test_check_says_in_words_why_it_denies(options: str, said: str) -> None:
    result = moat_policy(f"check {options}")
    assert result.exit_code == 1
    assert said in result.output


def test_check_asks_for_what_it_needs_to_know_before_it_judges() -> None:
    result = moat_policy("check --role service --purpose delivery")
    assert result.exit_code == 2
    assert "--kind" in result.output


def test_a_faulty_policy_file_exits_2_and_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "site.cedar").write_text('\n@id("a") permit (principal, action, recource);\n', encoding="utf-8")
    result = moat_policy(f"list --policy {tmp_path}")
    assert result.exit_code == 2
    assert "site.cedar:2: " in result.output


def test_list_shows_what_each_role_may_see_and_on_what_condition() -> None:
    rows = json.loads(moat_policy("list --json").output)
    courier = [(row["view"], row["kinds"], row["only"]) for row in rows if row["role"] == "courier"]
    assert courier == [
        ("plain", ["address", "note", "file"], "on an order of theirs, as the handover table says"),
        (
            "masked",
            ["name", "phone", "landline", "address", "note", "file"],
            "on an order of theirs, as the handover table says",
        ),
        (
            "building",
            ["name", "phone", "landline", "address", "note"],
            "on an order of theirs, as the handover table says",
        ),
    ]
    assert [row["kinds"] for row in rows if row["role"] == "customer"] == [["file"], ["file"]]
    assert not any(row["role"] in {"auditor", "operator", "admin"} for row in rows)


def test_list_prints_a_table() -> None:
    output = moat_policy("list").output
    assert "courier_verification" in output
    assert "only" in output


def test_a_catalogue_of_ones_own_can_be_judged_with(tmp_path: Path) -> None:
    line = "check --role service --purpose support --kind license_plate --view masked"
    assert "not_necessary" in moat_policy(line).output
    wider = yaml.safe_dump(source(purposes__support__groups=["person", "free_text", "vehicle"]), allow_unicode=True)
    own = tmp_path / "own.yaml"
    own.write_text(wider, encoding="utf-8")
    assert moat_policy(f"{line} --catalogue {own}").exit_code == 0
    own.write_text("version: 1", encoding="utf-8")
    faulty = moat_policy(f"{line} --catalogue {own}")
    assert (faulty.exit_code, "notice: Field required" in faulty.output) == (1, True)
