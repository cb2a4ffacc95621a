import time, eventlet, pytest, json
from tests.support import infra
from tests.support.kit_bench import Bench, until
from tests.support.probe import ProbeService, Settings
from tests.support.green_caller import Caller

def test_alarm(start, probe_database, amqp_url, signer):
    c = start(ProbeService, Settings, probe_database, amqp_url)
    b = Bench(c, probe_database, amqp_url)
    ch = next(d for d in c.dependencies if d.attr_name == "chassis")
    assert b.caller.call("probe", "probe_echo", word="x")
    b.tell("a", mood="once"); until(lambda: b.effects("a") == [1])
    node = infra.rabbitmq()
    # messages already queued get answered while alarm blocks publishers
    node.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
    try:
        t = time.monotonic()
        with pytest.raises(Exception) as e:
            ch.replies.ask("probe", "probe_echo", {"word": "x"}, {}, 2.0)
        print("ask", repr(e.value), round(time.monotonic() - t, 2))
        t = time.monotonic()
        with pytest.raises(Exception) as e:
            ch.replies.ask("probe", "probe_echo", {"word": "x"}, {}, 2.0)
        print("ask2", repr(e.value), round(time.monotonic() - t, 2))
        b.tell("b", mood="once")
        until(lambda: not ch.relay._confirms is None, 5)
        eventlet.sleep(13)
        print("relay", ch.relay.active, ch.relay.published, "alive", b.alive, ch.health.facts())
    finally:
        node.ctl("set_vm_memory_high_watermark", "absolute", "512MB")
    until(lambda: b.effects("b") == [1], 40)
    for n in range(5):
        print(ch.replies.ask("probe", "probe_echo", {"word": f"w{n}"}, {}, 2.0))
    assert b.caller.call("probe", "probe_echo", timeout=10, word="x")
    b.close()
