"""The notices that ship: complete, in three languages, in words that say what the law asks a notice to say."""

import re
from hashlib import sha256

import pytest

from consent.catalogue_text import starter_catalogue
from consent.locale import Locale
from consent.notice import NoticeText
from consent.purpose import Purpose
from consent.ropa.words import WORDS
from tests.support.catalogue import catalogue

STARTER = starter_catalogue()
EVERY = [(purpose, locale) for purpose in STARTER.purposes() for locale in Locale]
EVERY_NOTICE = pytest.mark.parametrize(("purpose", "locale"), EVERY, ids=str)

SECTIONS = {
    Locale.EN: [
        "What we use",
        "What for",
        "Who else gets it",
        "How long we keep it",
        "How to refuse or withdraw, and what happens then",
        "People under fourteen",
        "How to reach us and use your rights",
    ],
    Locale.ZH_HANS: [
        "使用哪些信息",
        "用来做什么",
        "还有谁会得到这些信息",
        "保存多久",
        "怎样拒绝或撤回，之后会怎样",
        "未满十四周岁的人",
        "怎样联系我们，怎样行使您的权利",
    ],
    Locale.ZH_HANT: [
        "使用哪些資料",
        "用來做什麼",
        "還有誰會得到這些資料",
        "保存多久",
        "怎樣拒絕或撤回，之後會怎樣",
        "未滿十四歲的人",
        "怎樣聯絡我們，怎樣行使您的權利",
    ],
}
NECESSITY = {
    Locale.EN: "Why sensitive data are needed",
    Locale.ZH_HANS: "为什么必须使用敏感信息",
    Locale.ZH_HANT: "為什麼必須使用敏感資料",
}
ARTICLES = {"sensitive": ("29", "二十九"), "sharing": ("23", "二十三"), "cross_border": ("39", "三十九")}
ONLY_SIMPLIFIED = "个们这么时说请与为发过还进运让无实际给对关开书门车见"
ONLY_TRADITIONAL = "個們這麼時說請與為發過還進運讓無實際給對關開書門車見"


def text_of(purpose: str, locale: Locale) -> NoticeText:
    return STARTER.notice(purpose).texts[locale]


@EVERY_NOTICE
def test_every_notice_has_every_section_with_something_in_it(purpose: str, locale: Locale) -> None:
    text = text_of(purpose, locale).text
    blocks = dict(block.split("\n", 1) for block in text.strip().split("\n\n")[1:])
    headings = [heading for heading in blocks if heading in SECTIONS[locale]]
    assert headings == SECTIONS[locale]
    assert all(len(words) >= 2 for words in blocks.values())


@EVERY_NOTICE
def test_no_place_is_left_to_fill(purpose: str, locale: Locale) -> None:
    text = text_of(purpose, locale).text
    assert re.search(r"[{}<>$]|TODO|XXX|\.\.\.", text) is None
    assert STARTER.controller.name[locale] in text
    assert STARTER.controller.email in text


@EVERY_NOTICE
def test_a_notice_names_every_kind_and_every_recipient(purpose: str, locale: Locale) -> None:
    text, found = text_of(purpose, locale).text, STARTER.purpose(purpose)
    assert [kind for kind in found.kinds if f"- {STARTER.names[locale].kinds[kind]}\n" not in text] == []
    assert [one.recipient for one in found.sharing if STARTER.recipients[one.recipient].name[locale] not in text] == []


@EVERY_NOTICE
def test_sensitive_data_come_with_their_necessity_and_effect(purpose: str, locale: Locale) -> None:
    sensitive = bool(STARTER.purpose(purpose).kinds & STARTER.sensitive)
    assert (NECESSITY[locale] in text_of(purpose, locale).text) is sensitive


@EVERY_NOTICE
def test_a_separate_consent_is_called_one_by_its_article(purpose: str, locale: Locale) -> None:
    separate = STARTER.purpose(purpose).separate
    asked = {"en": "A consent of its own", "zh-Hans": "这是一项单独的同意", "zh-Hant": "這是一項單獨的同意"}[locale]
    text = text_of(purpose, locale).text
    assert (asked in text) is (separate is not None)
    if separate is not None:
        assert any(article in text.split(asked)[1] for article in ARTICLES[separate])


@EVERY_NOTICE
def test_a_consent_says_how_it_is_withdrawn_and_how_long_it_lasts(purpose: str, locale: Locale) -> None:
    found = STARTER.purpose(purpose)
    withdrawn = {"en": "without giving a reason", "zh-Hans": "无需说明理由", "zh-Hant": "無需說明理由"}[locale]
    text = text_of(purpose, locale).text
    if found.rests_on_consent:
        assert withdrawn in text
        assert f" {found.validity_days} " in text


@EVERY_NOTICE
def test_a_notice_is_written_in_its_own_script(purpose: str, locale: Locale) -> None:
    text = text_of(purpose, locale).text
    chinese = set(re.findall("[\u4e00-\u9fff]", text))
    if locale is Locale.EN:
        assert chinese == set()
        return
    foreign, own = (
        (ONLY_TRADITIONAL, ONLY_SIMPLIFIED) if locale is Locale.ZH_HANS else (ONLY_SIMPLIFIED, ONLY_TRADITIONAL)
    )
    assert chinese & (set(foreign) - set(own)) == set()
    assert len(chinese) > 60


def test_data_that_go_abroad_name_who_where_and_on_which_ground() -> None:
    text = text_of("cross_border", Locale.EN).text
    assert "Data leave the country\n- Example Overseas Service Pte. Ltd. (Singapore), contact: privacy@overseas" in text
    assert "standard contract for personal data leaving the country" in text
    assert "Data leave the country" not in text_of("delivery", Locale.EN).text


def test_a_text_begins_with_its_title_ends_with_a_line_end_and_is_named_by_its_octets() -> None:
    for purpose, locale in EVERY:
        wording = text_of(purpose, locale)
        assert wording.text.startswith(f"{wording.title}\n\n")
        assert wording.text.endswith("\n")
        assert "\r" not in wording.text
        assert wording.digest == sha256(wording.text.encode()).hexdigest()
    assert len({text_of(purpose, locale).digest for purpose, locale in EVERY}) == len(EVERY)


def test_the_same_catalogue_makes_the_same_octets() -> None:
    assert {name: one.texts for name, one in catalogue().notices.items()} == {
        name: one.texts for name, one in STARTER.notices.items()
    }


def test_the_controllers_own_details_are_put_in() -> None:
    own = catalogue(controller__name__en="Gong Ltd", controller__email="dpo@gong.test")
    text = own.notice("delivery").texts[Locale.EN].text
    assert "Gong Ltd is responsible" in text
    assert "dpo@gong.test" in text


def _codes(purpose: Purpose) -> list[object]:
    return [purpose.pipl, purpose.gdpr, purpose.minors, *([purpose.separate] if purpose.separate else [])]


@pytest.mark.parametrize("locale", list(Locale))
def test_the_record_has_words_for_every_code_and_the_same_headings_in_each_language(locale: Locale) -> None:
    words = WORDS[locale]
    assert words.headings.keys() == WORDS[Locale.EN].headings.keys()
    known = {*words.pipl, *words.gdpr, *words.minors, *words.separate}
    assert {code for one in STARTER.by_id.values() for code in _codes(one)} <= known
