"""What a judge of names knows of words: surnames, what people sell and eat, and what stands beside names."""

from importlib.resources import files
from typing import Final

import yaml

SURNAMES: Final = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方"
    "俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧"
    "计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫"
    "经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓"
    "牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙"
    "池乔阴鬱胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容"
    "向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰"
    "巢关蒯相查后荆红游竺权逯盖益桓公岳帅缑亢况有琴商牟佘佴伯赏墨哈谯笪年爱阳佟肖付闫代覃涂邸仝官苟卿母原撒仉户占兰刀揭"
)
"""百家姓, and the surnames of today that it lacks."""

NOT_NAMES: Final = frozenset(
    word
    for lines in yaml.safe_load(files("masking.names").joinpath("not_names.yaml").read_text("utf-8")).values()
    for line in lines
    for word in line.split()
)

EDIBLE: Final = frozenset("汤饭米面菜肉鸡鸭鱼虾蛋粥粉饼薯皮咸辣甜酸冰餐味")

DELIVERY: Final = (
    "外卖",
    "好吃",
    "难吃",
    "味道",
    "送餐",
    "店家",
    "商家",
    "骑士",
    "小哥",
    "配送",
    "饭",
    "菜",
    "汤",
    "肉",
    "面",
    "餐",
    "辣",
    "点了",
    "口味",
    "送来",
    "服务",
    "吃",
)
"""What texts about deliveries speak of: few of their words are names, and many look like some."""
