"""A register that comes by the API is read in a process of its own, and says the same."""

import pytest

from services.contracts.errors import FieldError
from services.identity import tables, tables_child
from services.identity.tables import ColumnsWrong, FileTooLarge, FileUnreadable
from services.kit.apart import Died

GOOD = '姓名,室号\n孙桂芳,402\n,\n"=1+1",5\n陆建国,101,多\n'.encode("gb18030")


def read(data: bytes, most: int = 1_000_000) -> list[tables.Table]:
    return tables_child.read("名册.csv", data, max_bytes=most)


def test_tables_are_what_they_are_when_read_here():
    (table,) = read(GOOD)
    assert [table] == tables.read("名册.csv", GOOD)
    assert [row.number for row in table.rows] == [2, 4, 5]
    assert table.rows[1].faults.keys() == {"姓名"}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", tables.FileTooOld),
        (b"PK broken", FileUnreadable),
        (b"a\n" * (tables.MAX_ROWS + 2), FileTooLarge),
        (b"x" * 1_000_001, FileTooLarge),
    ],
    ids=["old", "broken", "rows", "bytes"],
)
def test_so_are_errors(data, error):
    with pytest.raises(error) as refused:
        read(data)
    assert type(refused.value) is error


def test_so_are_the_fields_at_fault():
    with pytest.raises(ColumnsWrong) as refused:
        read("姓名,姓名\n".encode())
    assert refused.value.errors == [FieldError("姓名", "这一列出现了两次")]


def test_a_file_that_its_reader_dies_of_is_too_large(monkeypatch):
    def dies(*_args: object, **_kwargs: object) -> bytes:
        raise Died("-9")

    monkeypatch.setattr(tables_child, "apart", dies)
    with pytest.raises(FileTooLarge):
        read(GOOD)
