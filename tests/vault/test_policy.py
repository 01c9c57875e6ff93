"""The shipped policies as a table, the engine's guarantees, and what stops a start."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.catalogue_text import starter_catalogue
from vault.explanation import REMEDIES_AT_MOST, explain
from vault.identifier import KINDS, Sensitivity
from vault.policy import ROLES, STAGES, Action, Ask, PolicyEngine, View, load_policies
from vault.policy_text import PolicyFileError

CATALOGUE = starter_catalogue()
SHIPPED = PolicyEngine(load_policies(None), CATALOGUE)


def asked(role: str, purpose: str, kind: str, view: str, circumstance: str = "") -> Ask:
    """An ask to detokenize. The circumstance is a stage, or a reference such as `ticket:`; `service>courier` acts for one."""
    caller, _, acting_for = role.partition(">")
    return Ask(
        role=caller,
        action=Action.DETOKENIZE,
        purpose=purpose,
        kind=kind,
        sensitive=KINDS[kind].sensitivity is Sensitivity.SENSITIVE,
        view=View(view),
        acting_for=acting_for or None,
        stage=circumstance if circumstance in STAGES else None,
        ref_type=circumstance[:-1] if circumstance.endswith(":") else None,
    )


DETOKENIZE = """
role              purpose               view    circumstance  kinds                                   ruling
service           delivery              masked  -             name,phone,address,note                 allow
service           delivery              plain   -             name,phone,address,note,geo             allow
service           delivery              plain   -             email                                   not_necessary
service           delivery              plain   -             id_card,bank_card,passport              policy
service           delivery              masked  -             id_card,bank_card                       not_necessary
service           payment               plain   -             id_card,bank_card,phone                 allow
service           courier_verification  plain   -             id_card,bank_card,license_plate         allow
service           relay_call            plain   -             phone,landline                          allow
service           support               masked  -             name,phone                              allow
service           support               plain   ticket:       name,phone                              policy
service           fraud_control         plain   case:         phone                                   policy
service           marketing_sms         plain   -             phone                                   allow
service           recommendation        masked  -             geo                                     allow
service           recommendation        plain   -             geo                                     policy
support           support               masked  -             name,phone,email,address,note           allow
support           support               plain   -             name,phone,email,address,note           policy
support           support               plain   order:        name,phone,email,address,note           policy
support           support               plain   ticket:       name,phone,email,address,note           allow
support           support               masked  ticket:       bank_card,geo                           not_necessary
support           delivery              masked  ticket:       phone                                   policy
support           payment               plain   ticket:       bank_card                               policy
service>courier   delivery              masked  -             name,phone,address                      policy
service>courier   delivery              masked  assigned      name,phone,address,note                 allow
service>courier   delivery              plain   assigned      address,note                            allow
service>courier   delivery              plain   assigned      name,phone,landline                     policy
service>courier   delivery              building assigned     name,address                            allow
service>courier   delivery              building -            name,address                            policy
service>courier   delivery              masked  picked_up     name,phone,address,note                 allow
service>courier   delivery              plain   picked_up     address,note                            allow
service>courier   delivery              plain   picked_up     name,phone,landline,geo                 policy
service>courier   delivery              masked  delivered     name,phone,address,note                 allow
service>courier   delivery              plain   delivered     name,phone                              policy
service>courier   delivery              masked  cancelled     name,address                            allow
support           support               building -            address                                 policy
service>courier   support               masked  picked_up     name,address                            policy
courier           delivery              plain   picked_up     phone                                   policy
courier           account               masked  picked_up     name                                    policy
merchant          delivery              masked  order:        name,note                               allow
merchant          delivery              plain   order:        note                                    allow
merchant          delivery              plain   order:        name,phone,address                      policy
merchant          delivery              masked  order:        phone,address                           policy
merchant          delivery              masked  -             name,note                               policy
customer          account               masked  -             name,phone                              policy
service>customer  delivery              masked  order:        name,phone                              policy
risk              fraud_control         masked  -             phone,address,geo,license_plate         allow
risk              fraud_control         plain   -             phone,address                           policy
risk              fraud_control         plain   case:         phone,address                           allow
risk              fraud_control         plain   case:         geo                                     policy
risk              support               masked  case:         phone                                   policy
privacy_officer   account               masked  -             name,phone                              allow
privacy_officer   payment               masked  -             bank_card                               allow
privacy_officer   account               plain   -             name,phone                              policy
privacy_officer   account               plain   request:      name,phone                              allow
privacy_officer   delivery              plain   request:      name,phone                              policy
privacy_officer   account               plain   request:      id_card                                 policy
auditor           account               masked  request:      name                                    policy
operator          support               masked  ticket:       name                                    policy
admin             delivery              masked  order:        name                                    policy
"""


def _rows(table: str) -> Iterable[list[str]]:
    return [line.split() for line in table.strip().splitlines()[1:]]


@pytest.mark.parametrize("row", _rows(DETOKENIZE), ids=" ".join)
def test_detokenize_is_ruled_as_the_table_says(row: list[str]) -> None:
    role, purpose, view, circumstance, kinds, expected = row
    rulings = {kind: SHIPPED.decide(asked(role, purpose, kind, view, circumstance)) for kind in kinds.split(",")}
    assert {kind: ruling.reason or "allow" for kind, ruling in rulings.items()} == dict.fromkeys(rulings, expected)
    assert all(ruling.allowed is (expected == "allow") for ruling in rulings.values())


@pytest.mark.parametrize(
    ("action", "purpose", "allowed"),
    [
        (Action.TOKENIZE, "delivery", {"service"}),
        (Action.SUBJECT_WRITE, "account", {"service"}),
        (Action.SUBJECT_READ, "support", {"service", "support", "privacy_officer"}),
        (Action.SEARCH, "support", {"support"}),
        (Action.SEARCH, "fraud_control", {"risk"}),
        (Action.SEARCH, "account", {"service", "privacy_officer"}),
        (Action.SEARCH, "marketing_sms", set()),
    ],
)
def test_other_uses_of_a_phone_are_for_these_roles_only(action: Action, purpose: str, allowed: set[str]) -> None:
    ask = Ask("", action, purpose, "phone", sensitive=False, view=View.MASKED)
    assert {role for role in ROLES if SHIPPED.decide(ask._replace(role=role)).allowed} == allowed


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        (Action.TOKEN_READ, {"service", "support", "risk", "privacy_officer"}),
        (Action.TOKEN_REVOKE, {"service", "privacy_officer"}),
        (Action.FREEZE, {"risk", "privacy_officer"}),
        (Action.UNFREEZE, {"risk", "privacy_officer"}),
        (Action.SHRED, {"privacy_officer"}),
        (Action.ASSIGN, {"service"}),
        (Action.KEYS_READ, {"operator", "admin", "auditor"}),
        (Action.KEYS_ROTATE, {"operator", "admin"}),
    ],
)
def test_administration_is_for_these_roles_only(action: Action, allowed: set[str]) -> None:
    assert {role for role in ROLES if SHIPPED.decide(Ask.to_administer(role, action)).allowed} == allowed


def test_no_contact_detail_is_ever_plain_to_a_courier_whatever_the_circumstances() -> None:
    for kind in ("phone", "landline", "email", "wechat_id"):
        for purpose in CATALOGUE.purposes():
            for circumstance in (*STAGES, "", "order:", "ticket:", "case:", "request:"):
                for role in ("courier", "service>courier"):
                    assert not SHIPPED.decide(asked(role, purpose, kind, "plain", circumstance)).allowed


def test_nobody_but_a_service_acts_for_another_and_it_takes_on_no_stronger_role() -> None:
    for caller in ROLES:
        for other in ROLES:
            if caller == other:
                continue
            permitted = SHIPPED.decide(asked(f"{caller}>{other}", "delivery", "address", "masked", "picked_up")).allowed
            assert permitted is (caller == "service" and other == "courier"), (caller, other)


def test_acting_for_a_courier_is_judged_as_the_courier_and_not_as_the_service() -> None:
    assert SHIPPED.decide(asked("service", "delivery", "phone", "plain")).allowed
    assert not SHIPPED.decide(asked("service>courier", "delivery", "phone", "plain", "picked_up")).allowed


def test_a_ruling_names_the_policies_that_made_it() -> None:
    assert SHIPPED.decide(asked("service", "delivery", "name", "plain")).policies == ("service_sees_plain_to_operate",)
    assert SHIPPED.decide(asked("admin", "delivery", "name", "masked")).policies == ("those_who_run_moat_see_nobody",)
    assert SHIPPED.decide(asked("customer", "delivery", "name", "masked")).policies == ()


def test_a_remembered_ruling_is_the_ruling_made_anew() -> None:
    ask = asked("support", "support", "phone", "plain", "ticket:")
    assert SHIPPED.decide(ask) is SHIPPED.decide(ask)
    assert SHIPPED.decide(ask) == SHIPPED.judge(ask)


def test_an_endless_variety_of_asks_is_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vault.policy._RULINGS_KEPT", 10)
    engine = PolicyEngine({"p.cedar": PERMIT_ALL}, CATALOGUE)
    for number in range(25):
        engine.decide(asked("service", "delivery", "phone", "plain", f"type{number}:"))
    assert len(engine._rulings) <= 10


# Deny by default

PERMIT_ALL = '@id("everything")\npermit (principal, action, resource);\n'
GENEROUS = PolicyEngine({"generous.cedar": PERMIT_ALL}, CATALOGUE)
ANYTHING = st.text(max_size=12)


def test_the_generous_policy_of_these_tests_permits_what_is_known() -> None:
    assert GENEROUS.decide(asked("admin", "delivery", "phone", "plain")).allowed


@pytest.mark.parametrize("engine", [SHIPPED, GENEROUS], ids=["shipped", "generous"])
@given(field=st.sampled_from(["role", "purpose", "kind", "acting_for", "stage", "view"]), value=ANYTHING)
def test_what_is_unknown_is_denied_even_where_everything_is_permitted(
    engine: PolicyEngine, field: str, value: str
) -> None:
    known = {*ROLES, *STAGES, *CATALOGUE.purposes(), *KINDS, *View}
    if value in known:
        return
    ask = Ask(**(asked("service", "delivery", "phone", "plain")._asdict() | {field: value}))
    assert not engine.decide(ask).allowed


@given(action=ANYTHING)
def test_an_unknown_action_is_denied(action: str) -> None:
    if action not in set(Action):
        ask = asked("service", "delivery", "phone", "plain")._replace(action=action)  # type: ignore[arg-type]  # the point of the test
        assert not GENEROUS.decide(ask).allowed


@given(
    role=st.sampled_from(["auditor", "operator", "admin", "customer"]),
    action=st.sampled_from(
        [Action.TOKENIZE, Action.DETOKENIZE, Action.SEARCH, Action.SUBJECT_READ, Action.SUBJECT_WRITE]
    ),
    purpose=st.sampled_from(CATALOGUE.purposes()),
    kind=st.sampled_from(sorted(KINDS)),
    view=st.sampled_from(View),
    circumstance=st.sampled_from(["", *STAGES, "order:", "ticket:", "case:", "request:"]),
)
def test_these_roles_never_touch_personal_data(
    role: str, action: Action, purpose: str, kind: str, view: View, circumstance: str
) -> None:
    assert not SHIPPED.decide(asked(role, purpose, kind, view, circumstance)._replace(action=action)).allowed


def test_a_data_use_without_purpose_and_kind_is_denied_even_where_everything_is_permitted() -> None:
    assert not GENEROUS.decide(Ask.to_administer("service", Action.DETOKENIZE)).allowed


def test_a_kind_that_is_not_needed_is_told_only_to_a_role_that_may_ask() -> None:
    assert SHIPPED.decide(asked("service", "delivery", "email", "masked")).reason == "not_necessary"
    assert SHIPPED.decide(asked("merchant", "delivery", "email", "masked", "order:")).reason == "policy"


# Policies that stop a start

GOOD = '// A first line.\n@id("good")\npermit (principal == Role::"service", action == Action::"tokenize", resource);\n'
MISSPELT_PURPOSE = 'when { context.purpose == Purpose::"delivry" };'


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('@id("a") permt (principal, action, resource);', 4, "invalid policy effect"),
        ('@id("a") permit (principal, action, resource) when { context.caler == principal };', 4, "caler"),
        ('@id("a") permit (principal == Role::"cuorier", action, resource);', 4, "cuorier"),
        ('@id("a") permit (principal, action == Action::"detokenise", resource);', 4, "detokenise"),
        ('@id("a") permit (principal, action, resource == Kind::"phnoe");', 4, "needs the kind phnoe"),
        (
            '\n// ;\n@id("a") forbid (principal, action == Action::"search", resource) ' + MISSPELT_PURPOSE,
            6,
            "has no purpose delivry",
        ),
        (
            '@id("a") permit (principal, action == Action::"search", resource) when { context.stage == Stage::"assigned" };',
            4,
            "optional attribute `stage`",
        ),
        ("permit (principal, action, resource);", 4, "@id"),
        ('@id("Not an id") permit (principal, action, resource);', 4, "@id"),
        ('@id("good") forbid (principal, action, resource);', 4, "second policy"),
        ('@id("a") permit (principal == ?principal, action, resource);', 4, "template"),
        ('@id("a") permit (principal, action, resource)', 4, ""),
        ('@id("a;b") permit (principal, action, resource);', 4, "@id"),
        ('@id("a) permit (principal, action, resource);', 4, ""),
    ],
)
def test_a_faulty_policy_is_refused_with_its_file_line_and_reason(text: str, line: int, reason: str) -> None:
    with pytest.raises(PolicyFileError) as refusal:
        PolicyEngine({"site.cedar": GOOD + text}, CATALOGUE)
    assert refusal.value.place == ("site.cedar", line)
    assert reason in refusal.value.reason
    assert "policy0" not in refusal.value.reason
    assert str(refusal.value).startswith(f"site.cedar:{line}: ")


def test_one_id_in_two_files_is_refused() -> None:
    with pytest.raises(PolicyFileError, match="second policy with the id good"):
        PolicyEngine({"a.cedar": GOOD, "b.cedar": GOOD}, CATALOGUE)


def test_files_of_comments_only_are_refused_rather_than_denying_everything() -> None:
    with pytest.raises(PolicyFileError, match="no policy at all"):
        PolicyEngine({"a.cedar": "// permit (principal, action, resource);\n"}, CATALOGUE)


def test_the_operators_directory_replaces_the_shipped_policies_whole(tmp_path: Path) -> None:
    (tmp_path / "site.cedar").write_text(GOOD, encoding="utf-8")
    engine = PolicyEngine(load_policies(tmp_path), CATALOGUE)
    assert set(engine.policies) == {"good"}
    assert not engine.decide(asked("service", "delivery", "name", "masked")).allowed


def test_a_directory_without_policies_or_with_other_than_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError, match=r"no \*\.cedar"):
        load_policies(tmp_path)
    (tmp_path / "site.cedar").write_bytes(b"\xff\xfe")
    with pytest.raises(PolicyFileError, match=r"site\.cedar:1: the file is not UTF-8"):
        load_policies(tmp_path)


def test_a_forbid_over_a_group_of_actions_holds() -> None:
    forbid = '@id("nobody")\nforbid (principal, action in Action::"personal_data", resource);\n'
    engine = PolicyEngine({"a.cedar": PERMIT_ALL + forbid}, CATALOGUE)
    assert engine.decide(asked("service", "delivery", "phone", "masked")).policies == ("nobody",)
    assert engine.decide(Ask.to_administer("service", Action.SHRED)).allowed


# The epoch


@given(data=st.data())
def test_the_epoch_moves_with_any_byte_of_any_file(data: st.DataObject) -> None:
    texts = {"a.cedar": GOOD, "b.cedar": GOOD.replace("good", "other")}
    name = data.draw(st.sampled_from(sorted(texts)))
    place = data.draw(st.integers(0, len(texts[name])))
    changed = texts | {name: texts[name][:place] + data.draw(st.sampled_from(" \n/x_")) + texts[name][place:]}
    try:
        engine = PolicyEngine(changed, CATALOGUE)
    except PolicyFileError:
        return
    assert engine.epoch != PolicyEngine(texts, CATALOGUE).epoch


def test_the_epoch_knows_in_which_file_a_policy_stands_and_is_the_same_for_the_same_files() -> None:
    epochs = {PolicyEngine({name: GOOD}, CATALOGUE).epoch for name in ("a.cedar", "b.cedar")}
    assert len(epochs) == 2
    assert PolicyEngine(load_policies(None), CATALOGUE).epoch == SHIPPED.epoch
    assert len(SHIPPED.epoch) == 16


# Explanations


def test_a_courier_denied_a_phone_is_told_of_the_masked_view() -> None:
    explanation = explain(SHIPPED, asked("service>courier", "delivery", "phone", "plain", "picked_up"))
    assert [policy.id for policy in explanation.policies] == ["contact_details_are_never_plain_to_a_courier"]
    assert explanation.policies[0].place.file == "limits.cedar"
    assert "relay" in explanation.policies[0].why
    assert explanation.remedies[0].words == "in the masked view"


def test_support_without_a_ticket_is_told_of_the_ticket() -> None:
    explanation = explain(SHIPPED, asked("support", "support", "phone", "plain"))
    assert [remedy.words for remedy in explanation.remedies] == [
        "in the masked view",
        "with a reference of type ticket",
    ]


def test_a_kind_that_is_not_needed_is_explained_by_the_purposes_that_need_it() -> None:
    ask = asked("service", "delivery", "id_card", "masked")
    words = [remedy.words for remedy in explain(SHIPPED, ask).remedies]
    assert words == ["for the purpose payment", "for the purpose courier_verification"]


def test_what_is_allowed_needs_no_remedy() -> None:
    explanation = explain(SHIPPED, asked("service", "delivery", "phone", "plain"))
    assert explanation.ruling.allowed
    assert explanation.remedies == ()


@settings(max_examples=40)
@given(
    role=st.sampled_from([*ROLES, "service>courier", "service>customer"]),
    purpose=st.sampled_from([*CATALOGUE.purposes(), "curiosity"]),
    kind=st.sampled_from(sorted(KINDS)),
    view=st.sampled_from(View),
    circumstance=st.sampled_from(["", *STAGES, "order:", "ticket:"]),
)
def test_every_remedy_is_allowed_indeed_and_says_something_new(
    role: str, purpose: str, kind: str, view: View, circumstance: str
) -> None:
    ask = asked(role, purpose, kind, view, circumstance)
    remedies = explain(SHIPPED, ask).remedies
    assert all(SHIPPED.decide(remedy.ask).allowed for remedy in remedies)
    assert all(remedy.ask != ask and remedy.words for remedy in remedies)
    assert len({remedy.words for remedy in remedies}) == len(remedies) <= REMEDIES_AT_MOST
