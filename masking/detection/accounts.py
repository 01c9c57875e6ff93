"""Accounts: bank cards, e-mail, WeChat, QQ, Alipay, and the credit codes of one-person businesses."""

import re

from masking.detection.check_digits import born_in_china, credit_code, luhn
from masking.detection.recognizer import CHECKED, CONTEXT, Recognizer, apart_from_digits, apart_from_words

_CARD_CUES = (
    "卡号",
    "卡號",
    "银行",
    "銀行",
    "储蓄",
    "信用卡",
    "开户",
    "開戶",
    "账号",
    "帐号",
    "賬號",
    "bank",
    "card",
    "visa",
    "iban",
)
_SAYS_WECHAT = (
    r"(?:微信|薇信|威信|维信|微x|v信|V信|VX|vx|Vx|wx|WX|Wx|[Ww]e[Cc]hat|weixin|微 信|薇:|加 [vV] |"
    r"加v|加V|➕v|\+v|\+V|(?:^|[^A-Za-z0-9])[vV]:)"
)
_SAYS_QQ = r"(?:QQ|qq|Qq|[Qq]群|扣扣|企鹅|企鵝|球球|叩叩|(?:^|[^A-Za-z0-9])[Qq]:|扣:)"
_THEN = r" ?(?:号码|號碼|号|號|id|ID|Id|账号|帐号)?[ ]?(?:同号|同號)?[ ]?(?:是|为|為)?(?::|=|->|-)?[ ]{0,2}"


def _card(match: str) -> float | None:
    number = re.sub(r"\D", "", match)
    if len(number) == 18 and born_in_china(number):
        return 0.3  # a resident ID whose digits happen to fit
    if len(number) == 15 and not number.startswith(("34", "37")):
        return 0.1  # of cards with 15 digits there are American Express's only
    issued = number.startswith(("62", "4", "5", "3", "60", "68", "69", "9"))
    return CHECKED if issued and luhn(number) else (0.3 if issued else 0.1)


def _credit(match: str) -> float | None:
    code = match.upper()
    return CHECKED if not code.isdigit() and credit_code(code) else None


def _mailbox(match: str) -> float | None:
    local, _, domain = match.rpartition("@")
    return CHECKED if local.strip(".") and ".." not in domain else None


RECOGNIZERS = (
    Recognizer(
        kind="email",
        pattern=r"[A-Za-z0-9](?:[A-Za-z0-9._%+\-]{0,62}[A-Za-z0-9_])?"
        r" ?(?:@|\[at\]|\(at\)) ?(?:[A-Za-z0-9\-]{1,63}\.){1,5}[A-Za-z]{2,24}",
        score=CHECKED,
    ),
    Recognizer(
        kind="bank_card",
        pattern=r"\d{4}(?:[ \-]?\d{4}){2,3}(?:[ \-]?\d{1,3})?",
        judge=_card,
        cues=_CARD_CUES,
        neighbours=apart_from_digits,
        numerals=True,
    ),
    Recognizer(
        kind="credit_code",
        pattern=r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}",
        judge=_credit,
        neighbours=apart_from_words,
    ),
    Recognizer(
        kind="wechat_id",
        pattern=rf"{_SAYS_WECHAT}{_THEN}([A-Za-z][A-Za-z0-9_\-]{{5,19}}|[1-9]\d{{4,10}})",
        score=CONTEXT,
    ),
    Recognizer(kind="qq", pattern=rf"{_SAYS_QQ}{_THEN}([1-9]\d{{4,10}})", score=CONTEXT),
)
