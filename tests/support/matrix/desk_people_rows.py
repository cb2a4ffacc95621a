"""Identity's operations of the desk for people: members, found and looked at."""

from tests.support.matrix.rows import Command, Row, place

HERE: Command = {"cid": "c-home"}

ROWS: dict[str, Row] = {
    "listMembers": place(lambda _h, _who: HERE),
    "getMember": place(lambda h, _who: {**HERE, "person_id": h.resident.person_id}),
}
