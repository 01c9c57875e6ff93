"""Made-up values that occur nowhere else, one for each kind in several writings, and made-up ids of people."""

from dataclasses import dataclass

PURPOSES = {"license_plate": "fraud_control", "email": "account", "wechat_id": "account", "id_card": "payment",
            "passport": "payment", "bank_card": "payment", "birth_date": "account"}  # fmt: skip
"""The purpose under which a kind is stored here; all others are delivered."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A value: how it is written, its normal form, and the pieces of it that alone would give it away.

    The first writing is one that nobody could take for an id: the platform's own ids of orders are stored as they are.
    """

    kind: str
    writings: tuple[str, ...]
    normal: str
    cores: tuple[str, ...] = ()

    @property
    def purpose(self) -> str:
        """A purpose that may store this kind."""
        return PURPOSES.get(self.kind, "delivery")

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that must be found nowhere."""
        return tuple(dict.fromkeys((*self.writings, self.normal, *self.cores)))


CANARIES = (
    Canary("name", ("欧阳蛟麒", " 欧阳 蛟麒 "), "欧阳蛟麒", ("蛟麒",)),
    Canary("phone", ("13913752648", "+86 139-1375-2648", "１３９１３７５２６４８"), "+8613913752648", ("13913752648",)),
    Canary("landline", ("021-58729463", "(021) 5872 9463"), "+862158729463", ("58729463",)),
    Canary("email", ("Lin.Canary7q@163.com",), "lin.canary7q@163.com", ("Lin.Canary7q", "lin.canary7q")),
    Canary("address", ("上海市浦东新区金丝雀路1742弄9号603室",), "上海市浦东新区金丝雀路1742弄9号603室", ("1742弄9号603室",)),
    Canary("id_card", ("310115198703142830", "310115 19870314 2830"), "310115198703142830", ("19870314283",)),
    Canary("passport", ("E83 920174", "E83920174"), "E83920174", ("83920174",)),
    Canary("bank_card", ("6222 0213 7594 8604 314", "6222021375948604314"), "6222021375948604314", ("13759486043",)),
    Canary("license_plate", ("沪A·D7K93", "沪AD7K93"), "沪AD7K93"),
    Canary("wechat_id", (" wx_Canary_q7z", "wx_Canary_q7z"), "wx_canary_q7z", ("canary_q7z", "Canary_q7z")),
    Canary("birth_date", ("1987年3月14日", "1987-03-14"), "1987-03-14", ("19870314",)),
    Canary("geo", ("31.234567,121.498765",), "31.234567,121.498765", ("31.234567", "121.498765")),
    Canary("note", ("放门口别按铃,打给金思雀 13755501982",), "放门口别按铃,打给金思雀 13755501982",
           ("金思雀", "13755501982")),
)  # fmt: skip

BY_KIND = {canary.kind: canary for canary in CANARIES}

CUSTOMER = "cust-canary-K7v2Qx"
RIDER = "rider-canary-Z81mPw"
ERASED = "cust-canary-T94sLe"
STREAMED = "cust-canary-B60yNf"
SWEPT = "cust-canary-W35dRp"
SUBJECTS = (CUSTOMER, RIDER, ERASED, STREAMED, SWEPT)
"""The platform's own ids of people. Answers about a person may say them; nothing that is stored may."""

VALUES = tuple(text for canary in CANARIES for text in canary.texts)

IN_IDS = ("13913752648", "139-1375-2648", "310115198703142830", "6222021375948604314", "x13913752648")
"""Values in the shape of an id. Where ids are stored as they are, such as in the ref of an order, they are refused."""
