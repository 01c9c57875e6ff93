"""Names of people that announce themselves: behind a label, behind "my name is", or before a title.

Only names that no model is needed for, and so few that hardly anything else is taken for one.
"""

from typing import Final

from masking.detection.recognizer import CONTEXT, Recognizer

_SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭马罗梁宋郑韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾魏薛叶阎余潘杜戴钟汪田姜范姚谭"
    "邹熊陆郝孔崔邱秦顾侯邵孟龙段钱汤尹黎易武贺赖龚張劉陳楊趙黃吳孫馬羅鄭韓馮許呂蘇盧蔣賈葉閻鍾譚鄒陸龔"
)
_COMPOUND: Final = "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|皇甫|慕容|令狐|司徒|尉迟"
_NAME: Final = rf"(?:(?:{_COMPOUND})\p{{Han}}{{1,2}}?|[{_SURNAMES}]\p{{Han}}{{1,2}}?)"
_THEN: Final = r"(?:$|[^\p{Han}]|电话|電話|手机|手機|联系|聯繫|号码|先生|女士|小姐|收)"
_LABELS: Final = r"(?:收[件货貨]人|联系人|聯繫人|聯絡人|订餐人|取餐人|下单人|签收人|姓名|骑手姓名)"
_TITLES: Final = r"(?:先生|女士|小姐|太太|师傅|师父|師傅|阿姨|叔叔|大哥|大姐|老师|老師|经理|老板|老闆|总)"
_BEFORE_A_CALL: Final = frozenset("找给叫是请让问位我的")


def _called(text: str, start: int, end: int) -> bool:  # noqa: ARG001 - of one shape with all neighbours
    """A title and its surname stand apart from what is before, or are somebody who is asked for."""
    before = text[start - 1 : start]
    return not before or before in _BEFORE_A_CALL or not "\u3400" <= before <= "\u9fff"


RECOGNIZERS = (
    Recognizer(kind="name", pattern=rf"{_LABELS}[: ]{{0,2}}(?:是|为|為|叫)?({_NAME}){_THEN}", score=CONTEXT),
    Recognizer(kind="name", pattern=rf"(?:我叫|名叫)({_NAME})(?:$|[^\p{{Han}}])", score=CONTEXT),
    Recognizer(kind="name", pattern=rf"[{_SURNAMES}]{_TITLES}", score=CONTEXT, neighbours=_called),
)
