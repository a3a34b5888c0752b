"""What another model's reply says its answer is, as an exact value: strict and flexible, in whatever form it is written.

`extract_answer(text)` is the public name. A reply's text is only ever looked at: nothing in it is evaluated.
"""

from benchmarks.scoring.external.extraction.reading import Reading, Readings, extract_answer

__all__ = ["Reading", "Readings", "extract_answer"]
