"""What the demo district's neighbours have shared so far; all of it made up for the demo."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from services.contracts import demo
from services.contracts.actor import Role

_NEIGHBOURS: Final = [demo.PERSON_BY_PHONE[f"138{number:08d}"] for number in range(12, 41)]


@dataclass(frozen=True, slots=True)
class Said:
    """A comment: who, what, how long after the post, in which office, to which comment before."""

    who: str
    text: str
    after: timedelta
    office: str = ""
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """A post: when (before the seeding), what, and how many neighbours liked it."""

    module: str
    who: str
    title: str
    body: str
    ago: timedelta
    office: str = ""
    extra: tuple[tuple[str, Any], ...] = ()
    pinned: bool = False
    likes: int = 0
    comments: tuple[Said, ...] = ()
    community: tuple[str, str] = (demo.SHANGYUAN, demo.PATH_SHANGYUAN)


def likers(count: int, start: int) -> list[str]:
    """``count`` neighbours, beginning anywhere in the row."""
    return [_NEIGHBOURS[(start + i) % len(_NEIGHBOURS)] for i in range(count)]


def _neighbour(number: int) -> str:
    return _NEIGHBOURS[number % len(_NEIGHBOURS)]


_SECRETARY: Final = Role.SECRETARY.value
_STAFF: Final = Role.COMMITTEE_STAFF.value
_HAIXING: Final = (demo.HAIXING, demo.PATH_HAIXING)


def _m(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


def _h(hours: int) -> timedelta:
    return timedelta(hours=hours)


POSTS: Final[tuple[Shared, ...]] = (
    Shared(
        "announcements",
        demo.STAFF_WANG,
        "本周六亲子爱心义卖，欢迎来摆摊",
        "本周六上午 9:00 到 11:30，尚园中心花园举办亲子爱心义卖。\n\n"
        "每户一个摊位（两户也可以合摆一个），旧书、玩具、手工都可以拿来。"
        "所得交给小区的助老小基金，账目下周在这里公布。\n"
        "下雨改到活动室。想摆摊的邻居请在这里报名，写明几位大人几位小朋友。",
        _h(20),
        _STAFF,
        extra=(("place", "尚园中心花园（雨天在活动室）"),),
        pinned=True,
        likes=18,
        comments=(
            Said(_neighbour(0), "我家报名，两个大人一个孩子，带绘本和乐高。", _m(35)),
            Said(_neighbour(4), "能和我们合摆一个吗？我们只有一箱毛绒玩具。", _m(52), reply_to=0),
            Said(_neighbour(0), "可以呀，周六见！", _m(58), reply_to=1),
            Said(demo.GRANNY_SUN, "我织了几顶小帽子，拿来给你们卖。", _h(3)),
            Said(
                demo.STAFF_WANG,
                "谢谢孙奶奶！桌子由居委会准备，大家只管带东西来。",
                _h(4),
                _STAFF,
                reply_to=3,
            ),
        ),
    ),
    Shared(
        "announcements",
        demo.SECRETARY_SHI,
        "三号楼、五号楼水箱清洗通知",
        "下周二 8:30 到 16:00 清洗三号楼和五号楼的屋顶水箱，其间停水，请提前备水。"
        "清洗后头几分钟放掉发黄的水即可。水质检测结果出来后贴在楼道里，也发在这里。",
        _h(70),
        _SECRETARY,
        likes=6,
        comments=(
            Said(_neighbour(9), "五号楼老人多，能不能挨家说一声？", _h(1)),
            Said(
                demo.SECRETARY_SHI,
                "楼组长今晚逐户告知，行动不便的由志愿者帮忙接水。",
                _h(2),
                _SECRETARY,
                reply_to=0,
            ),
        ),
    ),
    Shared(
        "party",
        demo.OLD_LU,
        "报到：退休党员老陆",
        "我是退休党员老陆，住尚园二十年了。今天在党建园地亮身份、报到。\n"
        "我承诺：每周三、周五晚上跟“银先锋”一起巡一圈，看看消防通道和楼道堆物，"
        "发现的情况发在身边事里，请邻居们监督。",
        _h(120),
        extra=(("kind", "check_in"),),
        likes=21,
        comments=(
            Said(demo.SECRETARY_SHI, "欢迎老陆！巡逻排班表贴在活动室门口。", _h(2), _SECRETARY),
            Said(_neighbour(13), "周三晚上看到你们了，辛苦。", _h(50)),
        ),
    ),
    Shared(
        "guides",
        demo.STAFF_WANG,
        "怎么办敬老卡",
        "年满 65 周岁的上海户籍老人可以办理敬老卡。带齐材料到社区事务受理服务中心，"
        "当场登记，一般十五个工作日后拿卡。走不动的老人，居委会可以上门帮忙登记。",
        _h(400),
        _STAFF,
        extra=(
            ("who", "年满 65 周岁的本市户籍老人"),
            ("materials", "本人身份证\n代办的另带代办人身份证"),
            ("where", "镇社区事务受理服务中心，或向居委会预约上门"),
            ("when", "工作日 9:00–16:30"),
            ("how", "取号\n登记、拍照\n领取回执\n到期凭回执领卡"),
        ),
        likes=9,
    ),
    Shared(
        "guides",
        demo.STAFF_WANG,
        "装修前要做的三件事",
        "一、到物业登记，领装修告知书；二、看清哪些是承重结构，一律不能动；"
        "三、把施工时间告诉左右上下邻居。工作日 18:00 到次日 8:00、周末和节假日全天，"
        "不要做敲打、电钻一类有噪音的活。建筑垃圾放到指定点，不要堆在楼道。",
        _h(380),
        _STAFF,
        extra=(("who", "准备装修的业主和租户"), ("where", "物业办公室")),
        likes=12,
    ),
    Shared(
        "hall",
        _neighbour(6),
        "中心花园的晨练音乐，几点开始合适？",
        "夏天天亮得早，六点不到音乐就响了，上夜班的人刚睡下。"
        "晨练是好事，我不是反对，只想大家一起商量个时间和音量。\n"
        "我先说我的想法：七点以后开，音量以旁边人能说话为准。",
        _h(46),
        likes=11,
        comments=(
            Said(_neighbour(15), "支持七点。冬天可以再晚一点。", _m(40)),
            Said(
                _neighbour(2),
                "我们跳舞队可以换个小音箱，但七点太晚了，六点半行不行？",
                _h(2),
            ),
            Said(
                demo.STAFF_WANG,
                "这个话题很好，请更多邻居说说，周末我们约跳舞队一起聊。",
                _h(5),
                _STAFF,
            ),
        ),
    ),
    Shared(
        "nearby",
        _neighbour(10),
        "给六号楼的保洁阿姨点个赞",
        "昨晚下雨，六号楼门口积了一滩水，保洁阿姨一早就在扫，还铺了纸板防滑。"
        "老人孩子进出都踏实了，谢谢！",
        _h(30),
        extra=(("kind", "praise"), ("place", "六号楼门口")),
        likes=24,
        comments=(Said(_neighbour(11), "阿姨姓周，人特别好。", _m(25)),),
    ),
    Shared(
        "nearby",
        demo.GRANNY_SUN,
        "路口新装的红绿灯，绿灯太短",
        "菜场门口那个路口装了红绿灯，是好事。就是绿灯只有十几秒，我拄拐走到一半就变红了，"
        "腿脚慢的邻居走那里当心。",
        _h(9),
        extra=(("kind", "tip"), ("place", "菜场路口")),
        likes=7,
        comments=(Said(_neighbour(19), "谢谢奶奶提醒，我接孩子也觉得短。", _m(20)),),
    ),
    Shared(
        "services",
        demo.STAFF_WANG,
        "周三下午家庭医生来活动室",
        "每周三 13:30 到 15:30，社区卫生服务中心的家庭医生在活动室量血压、测血糖、"
        "答疑，不用预约。平时吃的药请带上药盒。",
        _h(90),
        _STAFF,
        extra=(("place", "尚园活动室"),),
        likes=14,
    ),
    Shared(
        "mutual_aid",
        demo.OLD_LU,
        "每天 8:00–15:00 我有空，能帮忙",
        "孩子上班，我在家闲着。每天早上八点到下午三点有空，可以帮邻居接快递、"
        "换灯泡、陪老人去医院挂号。不收钱，提前一天说一声就行。",
        _h(26),
        extra=(
            ("kind", "offer"),
            ("skill_kind", "errands"),
            ("skill", "接快递、换灯泡、陪诊"),
            ("slots", [{"weekday": d, "from": "08:00", "to": "15:00"} for d in range(1, 8)]),
        ),
        likes=16,
        comments=(
            Said(demo.GRANNY_SUN, "老陆，后天早上能陪我去趟卫生中心吗？", _h(2)),
            Said(demo.OLD_LU, "没问题，后天七点半我到您楼下。", _h(3), reply_to=0),
        ),
    ),
    Shared(
        "mutual_aid",
        _neighbour(21),
        "想找人教孩子下象棋",
        "孩子八岁，刚学会走子，家里没人会下。想找一位会下象棋的邻居，"
        "周末带他下一两盘，我家可以帮您修电脑、手机。",
        _h(55),
        extra=(("kind", "need"), ("skill_kind", "tutoring"), ("skill", "象棋")),
        likes=4,
        comments=(Said(_neighbour(25), "我爸天天在花园石桌下棋，周六上午来找他。", _h(1)),),
    ),
    Shared(
        "neighbours",
        _neighbour(17),
        "合唱队招新，不会识谱也行",
        "每周四晚上七点在活动室唱一个半小时，老歌新歌都唱，唱完一起走回家。"
        "现在有十三个人，缺男声！",
        _h(80),
        likes=8,
        comments=(Said(demo.OLD_LU, "男声来一个。", _h(6)),),
    ),
    Shared(
        "idle",
        _neighbour(23),
        "转让婴儿床，九成新",
        "孩子大了睡不下，实木婴儿床，带床垫和蚊帐，无破损，自己来搬。四号楼，晚上都在家。",
        _h(14),
        extra=(("price", "180.00"), ("condition", "九成新")),
        likes=3,
        comments=(
            Said(_neighbour(3), "床多长？还在吗？", _m(50)),
            Said(_neighbour(23), "一米二，在的，今晚可以来看。", _m(66), reply_to=0),
        ),
    ),
    Shared(
        "idle",
        _neighbour(8),
        "一箱小学课外书，送人",
        "三年级到五年级的课外书，三十来本，干干净净。谁家要就拿走，最好整箱拿。",
        _h(5),
        extra=(("price", "0.00"),),
        likes=5,
    ),
    Shared(
        "homesick",
        demo.VILLAGER_ZHAO,
        "在外面想家了",
        "在外地打工第三年，昨晚梦见村口的香樟树和河埠头。哪位乡亲路过，帮我拍张照片发上来吧。",
        _h(60),
        likes=0,
        community=_HAIXING,
    ),
)
