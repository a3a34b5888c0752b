"""How long before a deadline the writing ends."""

import pytest

from runtime.answering.ways import Lead


def test_no_deadline_ends_nothing() -> None:
    assert Lead().before(None, 10.0) is None


def test_the_first_answers_end_a_little_early() -> None:
    assert Lead().before(11.0, 10.0) == pytest.approx(11.0 - Lead.FIRST_S)


def test_what_the_last_cut_answers_took_is_kept_free() -> None:
    lead = Lead()
    lead.note(10.9, 10.95)
    lead.note(20.9, 20.91)
    assert lead.before(31.0, 30.0) == pytest.approx(30.95)


def test_answers_that_are_early_or_free_say_nothing() -> None:
    lead = Lead()
    lead.note(10.9, 10.5)
    lead.note(None, 10.5)
    assert lead.before(11.0, 10.0) == pytest.approx(11.0 - Lead.FIRST_S)


def test_a_deadline_too_short_to_write_ends_at_once_and_a_long_pause_counts_little() -> None:
    lead = Lead()
    lead.note(10.0, 70.0)
    assert lead.before(10.05, 10.0) == 10.0
    assert lead.before(11.0, 10.0) == pytest.approx(11.0 - Lead.LONGEST_S)


def test_what_is_long_past_is_forgotten() -> None:
    lead = Lead()
    lead.note(10.0, 10.2)
    for _ in range(Lead.KEPT):
        lead.note(10.0, 10.03)
    assert lead.before(11.0, 10.0) == pytest.approx(10.97)
