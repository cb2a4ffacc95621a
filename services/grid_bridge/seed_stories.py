"""The problems of the demo's neighbours, each where one sees something of its own.

All of it is made up. Each story is told in days before now.
"""

from datetime import datetime, timedelta
from typing import Any

from services.contracts import demo
from services.grid_bridge.domain.hot_topics import Month
from services.grid_bridge.seed_past import CLERK, LU, SECRETARY, SUN, ZHAO, Walk, neighbour
from services.grid_bridge.seed_story import Story


def _place(address: str, lng: float | None = None, lat: float | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"address": address}
    return found if lng is None else {**found, "lng": lng, "lat": lat, "crs": "WGS84"}


def stories(walk: Walk, now: datetime) -> dict[str, Story]:
    """Every problem by a name of its own, with what was done about it."""

    def told(title: str, body: str, **more: Any) -> Story:
        return Story(walk, now, title, body, **more)

    last_month = (now - Month.of(now).plus(-1).begins) / timedelta(days=1)
    # a promise that was broken, and the neighbours know it, too
    water = told(
        "地下车库入口一下雨就积水",
        "坡道底下的排水口堵了，下雨天水没过鞋面，电瓶车进出都打滑。",
        by=neighbour(15), photo="garage", place=_place("宝月尚园地下车库北入口", 121.4213, 31.4302),
    )  # fmt: skip
    water.reported(24)
    water.triaged(23.5, "dispose")
    water.joined(22, [neighbour(number) for number in (17, 19, 22, 26, 31)])
    # somebody else saw it: she is asked whether it is the same
    same = told(
        "车库坡道全是水，差点滑倒", "下雨天推车出来，水有脚踝那么深。", by=SUN,
        place=_place("地下车库北入口"),
    )  # fmt: skip
    same.reported(0.3)
    same.to_be_merged(0.1, water, "说的是同一处积水，合在一起办，进展两边都看得到。")
    # at work in the neighbourhood, step by step
    stairs = told(
        "3号楼三楼楼道堆满旧家具",
        "沙发、纸箱堆了半个月，晚上走路要侧着身子，万一着火怎么跑？",
        by=SUN, photo="stairs_full", place=_place("宝月尚园3号楼1单元三楼", 121.4219, 31.4311),
    )  # fmt: skip
    stairs.reported(6)
    stairs.assigned(5.9)
    stairs.triaged(5.8, "dispose")
    stairs.joined(5.5, [LU, neighbour(13), neighbour(16)])
    stairs.tried(5, "site_visit", "到现场看了，占了楼道约一半宽。", photo="stairs_full")
    stairs.tried(4.2, "talk", "说好分两次搬走，沙发先送人。", **{"with": "302 住户"})
    stairs.tried(4.1, "undertaking", "承诺周内清空楼道。", due=2)
    stairs.not_solved(1.5, "沙发搬走了，纸箱还在。")
    # solved by the neighbourhood alone, and praised
    belt = told(
        "楼道口的花盆和鞋柜挡路", "一楼进门的地方摆了鞋柜和花盆，轮椅进不来。",
        by=neighbour(21), photo="stairs_full", place=_place("宝月尚园7号楼2单元门口"),
    )  # fmt: skip
    belt.reported(last_month - 4)
    belt.triaged(last_month - 4.2, "dispose")
    belt.tried(last_month - 5, "talk", "楼组长一起上门，住户答应当天搬。", **{"with": "101 住户"})
    belt.tried(
        last_month - 6, "check", "鞋柜搬走了，轮椅能进出。", photo="stairs_free", outcome="solved"
    )
    belt.rated(last_month - 6.5, 5, "两天就办好了，谢谢楼组长。")
    # a question that was answered and waits for its judgement
    permit = told(
        "居住证快到期了，去哪里续？", "我女儿的居住证下月到期，听说可以在手机上办，怎么弄？",
        by=SUN, desk=SECRETARY,
    )  # fmt: skip
    permit.reported(8)
    permit.triaged(7.6, "consult")
    permit.answered(
        7.2,
        "到期前 30 天可以在“随申办”上签注，也可以带身份证到社区事务受理服务中心办。"
        "周三下午我们在居委会帮老人代办。",
    )
    # what was said did not help: once more
    noise = told(
        "广场舞晚上十点还在放音乐", "孩子要睡觉，窗户关了还是吵，已经一个星期了。",
        by=neighbour(28), desk=SECRETARY, hidden=True, place=_place("中心花园"),
    )  # fmt: skip
    noise.reported(12)
    noise.triaged(11.6, "8x", "S8")
    noise.answered(10.5, "已和领队谈好，九点半结束，音量调低。")
    noise.rated(9, 2, "好了两天又开始了。", solved=False)
    noise.reopened(0.3, "昨天又放到十点多。")
    # others can do it better
    lamp = told(
        "2号楼前的路灯不亮", "连着三盏都不亮，台阶看不清，老人不敢出门。",
        by=neighbour(33), photo="lamp", place=_place("宝月尚园2号楼前", 121.4207, 31.4308),
    )  # fmt: skip
    lamp.reported(3)
    lamp.triaged(2.8, "dispose")
    lamp.joined(2.7, [neighbour(14), neighbour(18)])
    lamp.referred(2.5, "请物业检修三盏路灯，当天回音。")
    # tried in vain, and handed to the grid platform
    lane = told(
        "消防通道天天被私家车堵死", "12号楼北面的消防通道停满车，上周救护车绕了一圈才进来。",
        by=neighbour(24), photo="lane", desk=SECRETARY,
        place=_place("尚园新苑12号楼北侧消防通道", 121.4241, 31.4322),
    )  # fmt: skip
    lane.reported(9)
    lane.triaged(8.7, "8x", "X5")
    lane.joined(8.5, [SUN, LU, *(neighbour(number) for number in (20, 23, 25, 27, 29))])
    lane.tried(8, "site_visit", "现场停了三辆车，占满消防通道。", photo="lane")
    lane.tried(6.8, "talk", "电话联系车主，两位不愿移车。", outcome="failed", **{"with": "车主"})
    lane.escalated(0.2, "多次劝阻无效，影响救援，请依法处置。")
    # of many departments, at the table
    room = told(
        "老年活动室到底归谁管", "房子漏水没人修，问物业说不归他们，问开发商找不到人。",
        by=LU, desk=SECRETARY, place=_place("尚园新苑活动室"),
    )  # fmt: skip
    room.reported(15)
    room.triaged(14.5, "dispose")
    room.tried(
        13, "site_visit", "和业委会一起查看，屋顶两处漏水，资料不全，修不了。", outcome="failed"
    )
    room.at_the_table(6)
    # fresh ones
    lift = told(
        "9号楼电梯停在五楼不动了", "按了没反应，门口贴了张纸说待修，没写什么时候修好。",
        by=neighbour(30), photo="lift", place=_place("尚园新苑9号楼"),
    )  # fmt: skip
    lift.reported(0.1)
    camp = told(
        "暑托班今年什么时候报名？", "孩子三年级，想知道名额多少、要带什么材料。",
        by=neighbour(36),
    )  # fmt: skip
    camp.reported(1)
    camp.triaged(0.6, "consult")
    call = told(
        "半夜水管响得睡不着", "来电的居民说后半夜两点起，墙里的水管一直响。",
        place=_place("宝月尚园11号楼"),
    )  # fmt: skip
    call.taken_in(0.35, "phone")
    # another community
    road = told(
        "村口的路坑坑洼洼", "下雨就是水坑，收菜的车陷进去过。",
        by=ZHAO, desk=CLERK, cid=demo.HAIXING, place=_place("海星村村口"),
    )  # fmt: skip
    road.reported(5)
    road.triaged(4.5, "advise")
    road.answered(3.5, "已列入今年的修路计划，下月开工，日期定了在这里公布。")
    names = ("water", "same", "stairs", "belt", "permit", "noise", "lamp", "lane", "room",
             "lift", "camp", "call", "road")  # fmt: skip
    every = (water, same, stairs, belt, permit, noise, lamp, lane, room, lift, camp, call, road)
    return dict(zip(names, every, strict=True))
