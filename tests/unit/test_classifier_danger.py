"""Immediate danger in a message. Needs: nothing."""

import pytest

from services.grid_bridge.classifier import danger, examples

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("燃气泄漏", "楼道里煤气味很浓，赶紧来人！"),
        ("燃气泄漏", "隔壁厨房天然气泄漏，打电话没人接。"),
        ("电线带电或打火", "大风把电线刮断的电线掉在地上，孩子都从那走。"),
        ("电线带电或打火", "花坛的灯漏电，一条狗刚刚被电死了"),
        ("起火", "楼下电瓶车正在冒烟，快来人"),
        ("坍塌滑坡", "后面的围墙快要倒了，下面就是幼儿园。"),
        ("坍塌滑坡", "屋后的山往下滑泥，一直没停。"),
        ("房屋结构正被破坏", "三楼正在砸承重墙，请马上制止！"),
        ("有人被困或落水", "老人被困在电梯里半个小时了，赶快派人。"),
        ("人身安全", "我儿子今天在菜场附近走失，六岁。"),
        ("人身安全", "他昨晚拿菜刀追着我砍，我不敢回家"),
    ],
)
def test_danger_is_seen(kind, body):
    found = danger.reasons("", body)
    assert [reason.split("：")[0] for reason in found] == [kind]
    assert found[0].split("：")[1] in body


@pytest.mark.parametrize(
    "body",
    [
        "去年隔壁小区着火了，请检查消防设施。",
        "飞线充电太危险，万一着火了怎么办。",
        "建议开展燃气泄漏应急演练。",
        "想问一下电梯困人保险怎么买。",
        "资金链快断了，请政府兑现补贴。",
        "这是我的救命钱，请银行退还。",
        "烟囱天天冒黑烟，请环保局查处。",
        "请问危房鉴定标准是什么？",
        "围墙上个月倒塌，至今没人修。",
        "",
    ],
)
def test_history_plans_and_figures_of_speech_are_no_danger(body):
    assert danger.reasons("", body) == []


def test_the_title_counts_and_a_pressing_neighbour_sentence_too():
    found = danger.reasons("三栋电表箱冒烟", "赶紧派人来！")
    assert found and found[0].startswith("起火：")
    assert danger.reasons("三栋电表箱冒烟", "一切正常") == []


def test_few_messages_of_the_corpus_are_urgent():
    flagged = [
        case for case in examples.training() if danger.reasons(case.title, case.body)
    ]  # measured 33 of 2,876: people mostly write when the danger is past
    assert 10 <= len(flagged) <= 0.03 * len(examples.training())
    assert not [case for case in flagged if case.label in ("consult", "advise")]
