"""Who is who: the persons of a file and the entries of the register."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.identity.domain import register
from services.identity.domain.membership import RegisterEntry


def entry(entry_id: str, unit=None, year=None, number=None) -> RegisterEntry:
    return RegisterEntry(entry_id, unit, year, number, None)


def test_what_only_one_side_knows_tells_nobody_apart():
    assert not register.apart(entry("a", year=1950), entry("b", unit="u"))
    assert register.apart(entry("a", year=1950), entry("b", year=1980))
    assert register.apart(entry("a", unit="u"), entry("b", unit="w"))
    assert not register.apart(entry("a", year=1950, number="n"), entry("b", year=1951, number="n"))
    assert register.apart(entry("a", year=1950, number="n"), entry("b", year=1950, number="m"))


def test_father_and_son_of_one_name_keep_their_entries():
    entries = [entry("father", year=1950), entry("son", year=1980)]
    rows = [entry("", year=1980), entry("", year=1950)]
    assert register.pair(entries, rows) == {0: "son", 1: "father"}


def test_the_pair_that_agrees_in_most_goes_first():
    entries = [entry("a"), entry("b", year=1950)]
    assert register.pair(entries, [entry("", year=1950)]) == {0: "b"}
    assert register.pair(entries, [entry("", year=1950), entry("", year=1980)]) == {0: "b", 1: "a"}


facts = st.builds(
    entry,
    st.just(""),
    st.sampled_from([None, "u", "w"]),
    st.sampled_from([None, 1950, 1980]),
    st.sampled_from([None, "n", "m"]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(facts, max_size=4), st.lists(facts, max_size=4))
def test_a_file_taken_in_twice_changes_nothing_the_second_time(before, rows):
    rows = [r for i, r in enumerate(rows) if all(register.apart(r, q) for q in rows[:i])]
    entries = {f"e{i}": fact for i, fact in enumerate(before)}
    after = taken_in(entries, rows)
    assert taken_in(after, rows) == after


def taken_in(entries: dict[str, RegisterEntry], rows: list[RegisterEntry]):
    known = [entry(i, e.unit_id, e.birth_year, e.id_index) for i, e in entries.items()]
    paired = register.pair(known, rows)
    after = dict(entries)
    for position, row in enumerate(rows):
        key = paired.get(position, f"f{len(after)}")
        old = after.get(key, entry(""))
        after[key] = entry(
            "",
            row.unit_id or old.unit_id,
            row.birth_year or old.birth_year,
            row.id_index or old.id_index,
        )
    return after


def test_namesakes_beyond_what_a_room_holds_are_refused_quickly():
    rows = [entry("", number=str(i)) for i in range(5_000)]
    found = list(register.duplicates(rows))
    assert len(found) == 5_000 - register.MAX_NAMESAKES
    assert {earlier for _, earlier in found} == {None}
