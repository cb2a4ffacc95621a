"""How a request is put: the patterns whose counts are features, and whose words are reasons.

A Chinese letter to an office may describe a nuisance for three hundred characters and then only
ask which rule applies; these patterns see the asking. Text is normalised before: wide
punctuation, numbers as ``0``.
"""

import re
from typing import Final

_FACILITY: Final = (
    "红绿灯|信号灯|路灯|斑马线|天桥|通道|减速带|公交|站|线路|班次|地铁|医院|学校|小学|中学|幼儿园|公园|广场|"
    "步道|绿道|停车位|停车场|车库|充电桩|公厕|厕所|监控|摄像头|护栏|隔离带|市场|图书|设施|电梯|点"
)
_ACTION: Final = (
    "处理|解决|查处|整改|制止|取缔|拆除|赔偿|修复|维修|恢复|追究|退还|发放|督促|协调|核查|调查|治理|整治|清理|"
    "管管|管一管|严查|落实"
)

CUES: Final[dict[str, re.Pattern[str]]] = {
    "asks when": re.compile(r"何时|什么时候|啥时候?|几时|多久|哪一?年|几月|何年|哪天|时间表"),
    "asks whether": re.compile(
        r"是否|能否|可否|能不能|可不可以|有没有|是不是|会不会|要不要|算不算|还是|吗|么？"
    ),
    "asks how": re.compile(
        r"如何|怎么|怎样|咋|哪里|哪个部门|什么(?:条件|手续|材料|政策|标准|流程|程序)|多少|啷个|点解|哪能"
    ),
    "enquires": re.compile(
        r"请问|咨询|想问|问一?下|了解一?下|询问|请教|打听|请解答|给予答复|予以解答|解答"
    ),
    "proposes": re.compile(
        r"建议|呼吁|倡议|提议|不妨|能不能搞|希望(?:能|可以|在|给|将|把|增|开|建|修|设|多|推|加)"
    ),
    "wants built": re.compile(
        r"(?:增设|加装|新增|增加|设立|设置|开通|延伸|延长|修建|新建|兴建|建设|规划|安装|装|建|开设|打造|引进)"
        rf"[^，。！？]{{0,14}}?(?:{_FACILITY})"
    ),
    "demands": re.compile(
        rf"(?:请|望|要求|恳请|恳求|请求|希望|盼)[^，。！？]{{0,20}}?(?:{_ACTION})"
    ),
    "accuses": re.compile(
        r"投诉|举报|控诉|曝光|违规|违法|非法|擅自|私自|欺骗|霸王|不作为|黑心|无良|强制|强行|恶意|拒不|拒绝"
    ),
    "goes on": re.compile(
        r"至今|一直(?:没|未|不|在)|多次|屡次|无果|没人管|无人(?:管|问|处理)|推诿|皮球|扯皮|推来推去|拖|迟迟|"
        r"依旧|依然|仍|石沉大海|不了了之|没有?下文|年了|个月了|天了"
    ),
    "hurts": re.compile(
        r"严重影响|苦不堪言|无法|不敢|痛苦|损失|受伤|摔|骨折|生病|忍受|崩溃|难以|危险|隐患|吓|哭|害|惨|没法|遭罪"
    ),
    "praises": re.compile(
        r"表扬|点赞|感谢信|为.{2,12}?(?:点赞|喝彩)|致谢|好人好事|拾金不昧|表示感谢"
    ),
    "exclaims why": re.compile(
        r"难道|到底|究竟|凭什么|谁来管|有没有人管|没人管吗|天理|王法|何在|何时(?:休|了|是个头)|还要不要"
    ),
    "at night": re.compile(r"半夜|凌晨|深夜|夜间|通宵|晚上|夜里|整夜"),
    "money": re.compile(r"0(?:万|元|块|千|亿)|钱|费|款|工资|资金"),
    "who": re.compile(r"业主|住户|居民|村民|家长|市民|群众|我们"),
    "works": re.compile(r"施工|工地|打桩|挖机|挖掘机|渣土车|混凝土|搅拌|装修|电钻|切割|项目部"),
}
"""Cues by name, in a fixed order."""

TELLING: Final = (
    "asks when", "asks how", "enquires", "proposes", "wants built", "demands", "accuses", "goes on",
    "praises",
)  # fmt: skip
"""Cues whose own words make sense to a reader as a reason."""
