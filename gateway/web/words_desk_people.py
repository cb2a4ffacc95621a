"""The desk's words for people: requests beside the register, the register, members, phones.

Each table maps a key of the contract to a message, as in :mod:`gateway.web.words`.
"""

from collections.abc import Mapping

from gateway.web.texts import N_

VERDICT: Mapping[str, tuple[str, str]] = {
    "tied": (N_("已与名册对应"), "done"),
    "agrees": (N_("与名册一致"), "done"),
    "name": (N_("同名，但有出入"), "wait"),
    "surname": (N_("这一室有同姓的人"), "wait"),
    "others": (N_("这一室登记的是别人"), "late"),
    "nobody": (N_("名册里这一室没有人"), "late"),
    "unnamed": (N_("平台不留姓名，请当面核对"), "wait"),
}
"""How near the register comes to a request, in one word."""
LIKENESS: Mapping[str, str] = {
    "tied": N_("已对应"),
    "agrees": N_("一致"),
    "name": N_("同名"),
    "surname": N_("同姓"),
    "other": N_("不同姓名"),
}
DIFFERS: Mapping[str, str] = {
    "unit": N_("单元不同"),
    "birth_year": N_("出生年份不同"),
    "id_number": N_("证件号码不同"),
    "account": N_("已有另一个账号"),
    "relation": N_("关系不同"),
}
REFUSALS: Mapping[str, str] = {
    "proof": N_("名册里没有查到您住在这一室，请带房产证或租赁合同到居委会办理"),
    "name": N_("姓名与这一室登记的不一致，请核对后重新申请"),
    "room": N_("室号与登记的不符，请核对楼栋、单元、室号后重新申请"),
    "lease": N_("租约已经到期，请续签后再申请"),
    "twice": N_("您已用另一个手机号加入；换了手机请到居委会办理换号"),
}
"""Samples of what somebody who is refused is told; Chinese goes to her, whoever chose it."""
DRAFT: Mapping[str, tuple[str, str]] = {
    "brought": (N_("正在核对"), "go"),
    "ready": (N_("等您确认"), "wait"),
    "faulty": (N_("有要改的行"), "late"),
    "refused": (N_("读不了"), "late"),
    "confirmed": (N_("正在导入"), "go"),
    "done": (N_("已导入"), "done"),
    "dropped": (N_("已放弃"), "rest"),
}
"""Where a register's file stands."""
MODE: Mapping[str, str] = {
    "add": N_("只添加和更新"),
    "replace": N_("以文件为准，文件里没有的人结束登记"),
}
COLUMNS: Mapping[str, tuple[str, str]] = {
    "estate": ("小区", N_("社区只有一个小区时可以不填")),
    "building": ("楼栋", N_("必填；没有的楼栋会新建")),
    "unit": ("单元", N_("可以不填")),
    "room": ("室号", N_("必填")),
    "name": ("姓名", N_("必填，与身份证一致")),
    "birth_year": ("出生年份", N_("四位数；可以改用“出生日期”一列")),
    "relation": ("身份", N_("必填：业主、家庭成员、租户、经营者、村民……")),
    "id_number": ("证件号码", N_("可以不填；这一列要设成文本格式，只用来核对，不留原号码")),
    "floor_area": ("建筑面积", N_("平方米，可以不填")),
}
"""The columns of a register's file: what their heading is called in it, and what belongs there."""
PURPOSES: tuple[str, ...] = (
    N_("上门核对"),
    N_("审核入住申请"),
    N_("送达书面通知"),
    N_("紧急情况联系本人"),
)
"""What a full name is looked at for, to choose from."""
SHORT_OF: Mapping[str, str] = {
    "soon": N_("六十天内到期"),
    "unregistered": N_("名册里没有的"),
    "no_phone": N_("没有手机的"),
    "ended": N_("已迁出的"),
}
"""What members are narrowed to."""
ENDINGS: Mapping[str, str] = {
    "moved": N_("本人已搬离"),
    "lease": N_("租约到期，不再续租"),
    "sold": N_("房屋已出售"),
    "died": N_("本人已去世"),
    "wrong": N_("登记有误，核实后更正"),
}
"""Samples of why a membership ends; the person reads it."""
MEANS: Mapping[str, str] = {
    "spoken": N_("当面口头同意"),
    "written": N_("书面签字"),
    "recorded": N_("录音"),
    "witnessed": N_("有见证人在场"),
}
HELP: Mapping[str, str] = {
    "staff": N_("居委会代办"),
    "relative": N_("亲友代办"),
    "guardian": N_("监护人"),
}
NO_RECOVERY: Mapping[str, str] = {
    "own": N_("不能为自己办理，请由其他同事办理"),
    "no_phone": N_("此账号没有手机号；请先结束成员身份，再由本人用自己的手机申请加入"),
    "office": N_("此人担任职务，要先由授予者收回职务"),
    "running": N_("已有一项正在办理"),
    "no_member": N_("已不是本社区的成员"),
}
RECOVERY: Mapping[str, tuple[str, str]] = {
    "opened": (N_("等第二位同事确认"), "wait"),
    "waiting": (N_("等本人提出异议（24 小时）"), "go"),
    "done": (N_("已换号"), "done"),
    "cancelled": (N_("已停止"), "rest"),
    "expired": (N_("七天没人确认，已作废"), "rest"),
}
