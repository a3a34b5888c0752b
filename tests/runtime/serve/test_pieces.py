"""Growing texts, told in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.serve.work.pieces import PieceReader, StopFinder


def decode(ids: object) -> str:
    return bytes(ids).decode("utf-8", "replace")  # type: ignore[call-overload, no-any-return]


@given(st.text(max_size=40))
def test_pieces_of_bytes_come_to_the_text_and_no_piece_is_half_a_character(text: str) -> None:
    reader, ids, pieces = PieceReader(decode), [], []
    for byte in text.encode():
        ids.append(byte)
        pieces.append(reader.next(ids))
    pieces.append(reader.next(ids, last=True))
    assert "".join(pieces) == text


def test_bytes_that_never_become_a_character_are_told_at_the_end() -> None:
    reader = PieceReader(decode)
    assert reader.next([97]) == "a"
    assert reader.next([97, 0xE2]) == ""
    assert reader.next([97, 0xE2], last=True) == "\ufffd"


@pytest.mark.parametrize(
    ("stops", "pieces", "told", "stopped"),
    [
        ([], ["ab", "c"], ["ab", "c"], False),
        (["END"], ["a E", "N", "D b"], ["a ", "", ""], True),
        (["END"], ["a E", "N", "T"], ["a ", "", "ENT"], False),
        (["\n\n", "Q:"], ["x\n", "y Q", ":"], ["x", "\ny ", ""], True),
        (["aab"], ["aa", "ab"], ["", "a"], True),
    ],
)
def test_a_text_ends_before_the_first_stop(
    stops: list[str], pieces: list[str], told: list[str], stopped: bool
) -> None:
    finder = StopFinder(stops)
    assert [finder.add(piece) for piece in pieces] == told
    assert finder.stopped is stopped


def test_what_was_held_back_is_told_where_no_stop_came() -> None:
    finder = StopFinder(["END"])
    assert finder.add("a EN") == "a "
    assert (finder.rest(), finder.rest()) == ("EN", "")
