"""Texts between people: what passes, what is taken out, what is refused, and that nothing of them is kept."""

from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.relay.text.scrubbing import TAIL_MS, Tails
from masking.relay.text.wording import Flag, Wish, digits_of, flags_of, wish_of
from tests.masking.relay.adapters.house import House


@pytest.mark.parametrize(
    "text", ["TD", "td", " Stop! ", "退订", "【退订】", "ＳＴＯＰ", "回T退订", "unsubscribe.", "s\u200btop"]
)
def test_words_that_everybody_knows_stop_texts(text: str) -> None:
    assert wish_of(text) is Wish.STOP


@pytest.mark.parametrize("text", ["stop at the gate", "请不要退订我的单", "恢复一下网络", "", "TDS", "x" * 10_000])
def test_a_sentence_with_such_a_word_stops_nothing(text: str) -> None:
    assert wish_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "看 https://x.example/1", "hxxp://bad.example", "t.cn/A6xyz", "www.taobao.com", "加 bad。com 领红包",
        "ｗｗｗ．evil．ｔｏｐ", "evil(dot)com",
        "baidu点com", "http : / / a", "1.2.3.4/x", "淘宝.com", "e\u200bvil.co\u200bm",
    ],
)  # fmt: skip
def test_links_are_found_in_every_writing(text: str) -> None:
    assert Flag.LINK in flags_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "您的验证码是 482913",
        "把驗證碼發給我",
        "动态码多少",
        "verification code 12",
        "G-482913 is it",
        "what is the OTP",
        "one-time pass",
    ],
)
def test_what_is_about_one_time_codes_is_found(text: str) -> None:
    assert Flag.CODE in flags_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "我在3号楼2单元门口", "取餐码 8842", "门禁密码 2580#", "the gate code is 1234", "11.30 到",
        "v2.0 版本。Come on.", "放门口就行。谢谢",
        "order 20261122-88 is ready", "I.e. at the door", "共 18.50 元", "两点半到", "code red",
    ],
)  # fmt: skip
def test_ordinary_texts_of_deliveries_have_no_flag(text: str) -> None:
    assert flags_of(text) - {Flag.BARE_CODE} == frozenset()


@given(st.text(max_size=400))
def test_no_text_breaks_the_readings(text: str) -> None:
    flags_of(text)
    wish_of(text)
    assert digits_of(text).isascii()


@given(st.integers(1, 10))
def test_a_number_in_two_texts_is_found_in_the_second_and_forgotten_in_time(cut: int) -> None:
    number, tails = "13912345678", Tails()
    assert not tails.completes("pair", number[:cut], 0)
    assert tails.completes("pair", number[cut:], 1)
    assert not tails.completes("pair", number[:cut], 2)
    assert not tails.completes("other", number[cut:], 3)
    assert not tails.completes("pair", number[cut:], 3 + TAIL_MS)


def test_a_text_passes_both_ways_and_shows_the_number_between(house: House) -> None:
    pair = house.bound()
    for sender, other in ((pair.a, pair.b), (pair.b, pair.a)):
        got = house.passed(pair.x, sender, "我在楼下，麻烦下来取一下")
        assert (got["action"], got["to"], got["present"]) == ("deliver", other, pair.x)
        assert got["text"] == "我在楼下，麻烦下来取一下"


def test_personal_values_are_taken_out_whole(house: House) -> None:
    pair = house.bound()
    for text in (
        "加我微信 wxid_abc12345 聊",
        "邮箱 someone@example.com",
        "身份证 11010519491231002X",
        "打 15812349876 也行",
    ):
        got = house.passed(pair.x, pair.a, text)
        assert got["action"] == "deliver", text
        assert got["removed"] == 1, text
        assert "[…]" in got["text"]
        assert not {"abc12345", "someone", "1949", "1581", "9876"} & {got["text"]}
        assert "9876" not in got["text"]


def test_values_that_stand_beside_each_other_are_all_taken_out(house: House) -> None:
    pair = house.bound()
    got = house.passed(pair.x, pair.a, "13913752648 310115198703142830 6222021375948604314")
    assert digits_of(got["text"]) == ""


@pytest.mark.parametrize("style", ["plain", "spaced", "words", "wide", "dots"])
def test_a_number_of_the_two_never_passes_in_any_writing(house: House, style: str) -> None:
    pair = house.bound()
    national = pair.a[3:]
    written = {
        "plain": national,
        "spaced": " ".join(national),
        "words": "".join("零一二三四五六七八九"[int(one)] for one in national),
        "wide": "".join(chr(0xFF10 + int(one)) for one in national),
        "dots": "啊".join(national),
    }[style]
    got = house.passed(pair.x, pair.a, f"打我 {written} 吧")
    assert got["action"] == "reject" or national not in digits_of(got["text"]), got


@pytest.mark.parametrize(
    ("text", "reason"),
    [("https://evil.example", "link"), ("验证码发我", "one_time_code"), ("", "empty"), ("x" * 2_000, "too_long")],
)
def test_what_is_not_passed_on_says_why_and_tells_the_sender(house: House, text: str, reason: str) -> None:
    pair = house.bound()
    got = house.passed(pair.x, pair.a, text)
    assert (got["action"], got["reason"], got.get("to")) == ("reject", reason, None)
    if reason in {"link", "one_time_code"}:
        assert got["reply"]["present"] == pair.x
        assert pair.b not in str(got)


def test_whoever_writes_stop_gets_no_more_texts_until_start(house: House) -> None:
    pair = house.bound()
    assert house.passed(pair.x, pair.a, "TD")["reason"] == "stopped"
    assert house.passed(pair.x, pair.b, "在吗")["reason"] == "unwanted"
    assert house.passed(pair.x, pair.a, "我在")["action"] == "deliver"
    assert house.passed(pair.x, pair.a, "START")["reason"] == "started"
    assert house.passed(pair.x, pair.b, "在吗")["action"] == "deliver"


def test_texts_of_a_binding_have_a_cap(house: House) -> None:
    pair, reasons = house.bound(), []
    for _ in range(25):
        house.clock.advance(minutes=2)
        reasons.append(house.passed(pair.x, pair.a, "到了").get("reason"))
    assert reasons[:10] == [None] * 10
    assert reasons[-1] == "too_many_texts", reasons
    house.clock.advance(hours=3)
    assert house.passed(pair.x, pair.a, "到了")["action"] == "deliver"


@pytest.mark.parametrize("caller", ["", "anonymous", "+8613900009999", "110", "x", "１３８", "+8656696", "9" * 100])
def test_a_text_of_somebody_who_is_not_bound_is_refused(house: House, caller: str) -> None:
    got = house.passed(house.bound().x, caller, "你好")
    assert (got["action"], got.get("to")) == ("reject", None)


def test_after_the_order_the_sender_is_told_so(house: House) -> None:
    pair = house.bound()
    house.ok("DELETE", f"/v1/relay/bindings/{pair.binding}", bearer=house.service)
    got = house.passed(pair.x, pair.a, "在吗")
    assert (got["reason"], "已结束" in got["reply"]["text"]) == ("ended", True)


def test_a_binding_without_texts_has_none(house: House) -> None:
    pair = house.bound(texts=False)
    assert house.passed(pair.x, pair.a, "在吗")["reason"] == "texts_not_allowed"


def test_texts_come_and_go_by_twiml_too(house: House) -> None:
    pair = house.bound()
    (message,) = house.text(pair.x, pair.a, "到楼下了", NumMedia="1", MediaUrl0="https://api.example/face.jpg")
    assert (message.get("to"), message.get("from"), message.text) == (pair.b, pair.x, "到楼下了")
    (told,) = house.text(pair.x, pair.a, "https://evil.example/x")
    assert (told.get("to"), told.get("from")) == (None, None)
    assert "链接" in (told.text or "")
    assert pair.b not in Xml.tostring(told, encoding="unicode")
    (stopped,) = house.text(pair.x, pair.b, "whatever", OptOutType="STOP")
    assert "已退订" in (stopped.text or "")
    (unwanted,) = house.text(pair.x, pair.a, "还在吗")
    assert unwanted.get("to") is None
    assert list(house.text(pair.x, "+8613900008888", "你好")) == []


def test_nothing_of_a_text_is_kept_anywhere(house: House) -> None:
    pair = house.bound()
    secret = "暗号是蓝色雨伞"
    assert house.passed(pair.x, pair.a, secret)["action"] == "deliver"
    house.text(pair.x, pair.b, secret)
    house.passed(pair.x, pair.a, f"https://evil.example/{secret}")
    stored = house.rows()
    assert secret not in stored
    assert secret.encode().decode("latin-1") not in stored
    assert pair.a not in house.rows("relay_", "audit_", "job", "idempotency")


def test_an_erased_person_leaves_no_count_and_no_wish(house: House) -> None:
    a, b = house.phone(), house.phone()
    name = house.person(a)
    asked = {"mode": "axb", "pool": "orders", "order": "o-e", "a": {"subject": name}, "b": {"subject": house.person(b)}}
    x = house.ok("POST", "/v1/relay/bindings", asked, bearer=house.service)["x"]
    before = len(house.rows("relay_text").splitlines())
    house.passed(x, a, "到了")
    house.passed(x, a, "TD")
    assert len(house.rows("relay_text").splitlines()) > before
    shred = {"reason": "erasure_request"}
    house.ok("POST", f"/v1/subjects/{name}/shred", shred, bearer=house.officer)
    assert len(house.rows("relay_text").splitlines()) == before


def test_only_a_switch_may_ask_about_texts(house: House) -> None:
    body = {"called": "+8617000000000", "caller": "+8613900000000", "text": "hi"}
    assert house.call("POST", "/v1/relay/messages", body, bearer=house.service).status_code == 403
