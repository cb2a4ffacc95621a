"""What `make up` says when everything runs: the address, who can log in, which codes to scan."""

import json
import os
import time
from collections.abc import Sequence

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from deploy.local.environment import Plan
from deploy.local.supervisor import Instance

DEMO_CODE = "246810"
DEMO_PEOPLE: tuple[tuple[str, str], ...] = (
    ("13800000001", "孙奶奶, resident of 尚园"),
    ("13800000002", "老陆, resident of 尚园, party member"),
    ("13800000003", "石书记, secretary and committee of 尚园"),
    ("13800000004", "居委小王, committee of 尚园"),
    ("13800000005", "镇干部, observer of 月浦样例镇"),
    ("13800000006", "区分析员, district analyst"),
    ("13800000007", "业委会主任, owners' committee of 尚园"),
    ("13800000008", "区管理员, district admin"),
    ("13800000009", "网格操作员, grid operator"),
    ("13800000010", "村民小赵, villager of 海星村"),
    ("13800000011", "城管处置员, department staff"),
    ("13800000012 – 40", "further residents of 尚园"),
)


def show(console: Console, plan: Plan, instances: Sequence[Instance], seconds: float) -> None:
    """Print it all, with the time it took."""
    values = plan.values()
    address = values["SHEQU_PUBLIC_URL"]
    lines = Table.grid(padding=(0, 2))
    lines.add_row("residents", f"[bold]{address}/[/bold]")
    lines.add_row("committee", f"{address}/console")
    lines.add_row("API", f"{address}/api/v1/openapi.json")
    if plan.demo:
        lines.add_row("login code", f"[bold]{DEMO_CODE}[/bold] (always, for each of these)")
        for phone, who in DEMO_PEOPLE:
            lines.add_row(f"[cyan]{phone}[/cyan]", who)
    console.print(Panel(lines, title="社区通 Shequtong", expand=False))
    for code in _demo_codes(plan):
        place = dict.fromkeys([code.get("community", ""), code.get("estate") or ""])
        # Outside of the frame: an address that was cut off cannot be opened.
        console.print(f"  QR code {' '.join(place).strip()}", highlight=False)
        console.print(f"    {code.get('url', '')}", highlight=False, soft_wrap=True)
    console.print(
        f"  {len(instances)} processes up {_took(seconds)}; logs in {plan.layout.log}. "
        "Ctrl-C stops everything.",
        highlight=False,
        soft_wrap=True,
    )


def _took(seconds: float) -> str:
    """How long it took: the launcher, and with the set-up before it."""
    began = os.environ.get("SHEQU_SETUP_BEGAN")
    whole = f", {time.time() - float(began):.1f} s with set-up" if began else ""
    return f"in {seconds:.1f} s{whole}"


def _demo_codes(plan: Plan) -> list[dict[str, str]]:
    """The QR codes that the seed wrote down: `{"qr": [{community, estate, url}, …], …}`."""
    if not plan.demo:
        return []
    try:
        written = json.loads((plan.layout.run / "demo.json").read_text(encoding="utf-8"))
        return [dict(code) for code in written["qr"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
