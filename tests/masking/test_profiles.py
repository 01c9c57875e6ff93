"""Profiles of the operator's own show what they say and never more than display; a file with a fault is refused at its field."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from commands.program import main
from masking.mask import PROFILES, UnknownProfileError, mask_many
from masking.profiles import ProfileFileError, read_profiles
from tests.vault.test_identifier import WRITINGS

RIDER = b"""
profiles:
  default:
    rider: {name: display, phone: waybill, address: export, email: hidden}
  other:
    shelf: {phone: display}
"""
CHOICES = [
    (kind, word)
    for word in ("display", "waybill", "export")
    for kind in PROFILES[word]
    if (kind, word) != ("address", "waybill")
]


def of_one(kind: str, word: str) -> bytes:
    return f"profiles: {{default: {{own: {{{kind}: {word}}}}}}}".encode()


def test_a_kind_has_the_mask_that_the_profile_says_and_is_hidden_where_it_says_none() -> None:
    items = [
        ("name", "张三丰"),
        ("phone", "13812345678"),
        ("email", "john@example.com"),
        ("id_card", "11010519491231002X"),
    ]
    assert mask_many(items, read_profiles(RIDER).of("default", "rider")) == ["张**", "1*******678", "***", "***"]


def test_a_tenant_has_no_profile_of_another() -> None:
    profiles = read_profiles(RIDER)
    for tenant, name in (("other", "rider"), ("default", "shelf"), ("nobody", "rider")):
        with pytest.raises(UnknownProfileError):
            profiles.of(tenant, name)


written = [(kind, writing) for kind, _, writings in WRITINGS for writing in writings]
values = st.sampled_from(written) | st.tuples(st.sampled_from(sorted(PROFILES["display"])), st.text(max_size=30))
alike = st.sampled_from(CHOICES).flatmap(
    lambda one: st.tuples(
        st.just(one), values | st.sampled_from([item for item in written if item[0] == one[0]] or [(one[0], "x")])
    )
)


@given(asked=alike)
def test_a_profile_shows_no_more_than_display_and_masking_again_changes_nothing(
    asked: tuple[tuple[str, str], tuple[str, str]],
) -> None:
    (kind, word), item = asked
    own = read_profiles(of_one(kind, word)).of("default", "own")
    (masked,) = mask_many([item], own)
    assert mask_many([(item[0], masked)], own) == [masked]
    if item[0] != kind:
        assert masked == "***"
        return
    (displayed,) = mask_many([item], "display")
    (said,) = mask_many([item], word)
    assert masked == said
    if kind != "geo" and masked not in {"***", displayed}:
        head, tail = masked.split("*", 1)[0], masked.rsplit("*", 1)[-1]
        assert displayed.startswith(head)
        assert displayed.endswith(tail)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (b"profiles: {default: {own: {id_card: support}}}", "profiles.default.own.id_card"),
        (b"profiles: {default: {own: {address: waybill}}}", "profiles.default.own.address"),
        (b"profiles: {default: {own: {email: waybill}}}", "profiles.default.own.email"),
        (b"profiles: {default: {own: {phone: plain}}}", "profiles.default.own.phone"),
        (b"profiles: {default: {own: {phone: [display]}}}", "profiles.default.own.phone"),
        (b"profiles: {default: {own: {Phone: display}}}", "profiles.default.own"),
        (b"profiles: {default: {support: {phone: display}}}", "profiles.default.support"),
        (b"profiles: {default: {own: {}}}", "profiles.default.own"),
        (b"profiles: {default: [own]}", "profiles.default"),
        (b"profiles: {1: {own: {phone: display}}}", "the file"),
        (b"profiles: {default: {own: {phone: display, phone: hidden}}}", "the file"),
        (b"profile: {}", "the file"),
        (b"[", "the file"),
        (b"\xff", "the file"),
        (b"profiles: {default: {own: {[a]: display}}}", "the file"),
    ],
)
def test_a_fault_of_the_file_is_told_by_its_field(text: bytes, field: str) -> None:
    with pytest.raises(ProfileFileError) as told:
        read_profiles(text)
    assert str(told.value).split(":")[0].split(" is")[0].split(" has")[0] == field


def test_a_file_is_masked_under_a_profile_of_the_operator(tmp_path: Path) -> None:
    (tmp_path / "profiles.yaml").write_bytes(RIDER)
    (tmp_path / "orders.csv").write_text("phone,note\n13812345678,x\n")
    asked = [
        "mask",
        str(tmp_path / "orders.csv"),
        "--map",
        "phone=phone",
        "--profiles",
        str(tmp_path / "profiles.yaml"),
    ]
    masked = CliRunner().invoke(main, [*asked, "--profile", "rider"])
    assert (masked.exit_code, masked.stdout) == (0, "phone,note\n1*******678,x\n")
    assert CliRunner().invoke(main, [*asked, "--profile", "rider", "--tenant", "other"]).exit_code == 2
