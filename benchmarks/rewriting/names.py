"""`names`: the same problem about other people; numbers, steps and answer stay."""

from random import Random

from benchmarks.rewriting.rewriting import Rewritten
from benchmarks.rewriting.template import Source
from benchmarks.rewriting.words.people import named, renamed, renaming, words_in
from runtime.values.rationale import Declined


class Names:
    """A source with its first names changed."""

    def __init__(self, source: Source, names: tuple[str, ...]) -> None:
        self._source = source
        self._names = names
        self._words = words_in(source.problem.question)

    @classmethod
    def prepared(cls, source: Source) -> "Names | Declined":
        """Ready to write, or that nobody is named who surely is a person."""
        names = named(source.problem.question)
        return cls(source, names) if names else Declined("no_name")

    def write(self, rng: Random) -> Rewritten | Declined:
        """One with a new name for each, of the same pronoun."""
        source = self._source
        question = renamed(source.problem.question, renaming(self._names, self._words, rng))
        return Rewritten(question, source.annotation, source.answer)
