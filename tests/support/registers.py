"""The files that bring a register of persons to identity, and what they made of it."""

import base64
from typing import Any

from services.contracts.actor import Actor
from services.contracts.operations import identity as op
from services.identity.handlers import register_import
from tests.support.identity_world import C_HOME, World

HEAD = "小区,楼栋,单元,室号,姓名,出生年份,身份,证件号码,建筑面积"
SUN = "样例苑,1号楼,1单元,402,孙桂芳,1949,业主,,89.5"
LU = "样例苑,2号楼,,101室,陆建国,1955,户主,,"


def file_of(*rows: str) -> bytes:
    """A file with these rows."""
    return "\n".join((HEAD, *rows)).encode()


def bring(
    world: World, who: Actor, data: bytes, name: str = "名册.csv", cid: str = C_HOME, **over: Any
) -> op.ImportReport:
    """Import a file."""
    content = base64.b64encode(data).decode()
    cmd = op.ImportFile(cid=cid, filename=name, content=content, **over)
    return world.do(register_import.import_register_file, world.vault, cmd, who, world.now)


def counts(report: op.ImportReport) -> tuple[int, ...]:
    """What the report counts: added, changed, unchanged, ended, errors."""
    return report.added, report.changed, report.unchanged, report.ended, report.errors


def entries(world: World) -> list[tuple]:
    """The register as it stands."""
    return [
        tuple(row)
        for row in world.rows(
            "SELECT id, building_id, unit_id, room_id, room_key, match_index, name_index, "
            "birth_year, relation, id_index, person_id, ended_at FROM register_persons ORDER BY id"
        )
    ]
