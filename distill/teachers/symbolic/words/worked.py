"""The sentences of a worked solution with other numbers.

Each number of a sentence is an old value of the question, of a step or a constant. Where it could be two that differ now,
its place decides: behind the equals sign it is the result of the sentence's own steps, elsewhere a number that they use.
Where a number cannot be told, the sentence cannot be written.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from distill.teachers.gold.text.arithmetic import Name, Number, Token, Tree, leaves, tokenize
from distill.teachers.symbolic.numbers.spans import spelled_value
from distill.teachers.symbolic.numbers.spelling import number_word, printed

Steps = Sequence[tuple[str, Tree]]


class Untold(Exception):
    """A number of a sentence of which nobody can say what it is."""


class Worked:
    """Rewrites sentences: `old` and `new` values of slots and steps by name, `trees` the steps over slots."""

    def __init__(
        self, old: Mapping[str, Fraction], new: Mapping[str, Fraction], trees: Sequence[Tree]
    ) -> None:
        self._new = dict(new)
        self._names: dict[Fraction, list[str]] = {}
        for name, value in old.items():
            self._names.setdefault(value, []).append(name)
        for value in {leaf.value for tree in trees for leaf in leaves(tree) if isinstance(leaf, Number)}:
            self._names.setdefault(value, []).append(_constant(value))
            self._new[_constant(value)] = value

    def sentence(self, text: str, steps: Steps) -> str | None:
        """A sentence that works out these steps, with the new numbers; None where one of them cannot be told."""
        tokens = list(tokenize(text))
        pieces: list[str] = []
        end = 0
        try:
            for at, token in enumerate(tokens):
                new = self._changed(text, tokens, at, steps)
                pieces += [text[end : token.start], new]
                end = token.end
        except Untold:
            return None
        return "".join([*pieces, text[end:]])

    def _changed(self, text: str, tokens: Sequence[Token], at: int, steps: Steps) -> str:
        token = tokens[at]
        if token.kind == "number":
            return self._digits(text, tokens, at, steps)
        value = spelled_value(token.text) if token.kind == "word" else None
        fresh = None if value is None else self._value(Fraction(value), steps, result=False)
        if fresh is None or fresh == value:
            return text[token.start : token.end]
        word = number_word(fresh)
        if word is None:
            return printed(fresh)
        return word.capitalize() if token.text[0].isupper() else word

    def _digits(self, text: str, tokens: Sequence[Token], at: int, steps: Steps) -> str:
        token = tokens[at]
        decimals = len(token.text.partition(".")[2])
        fresh = self._value(token.value, steps, result=at > 0 and tokens[at - 1].kind == "=")
        if fresh is None and decimals and 0 < token.value < 1:
            share = self._value(token.value * 100, steps, result=False)
            fresh = None if share is None else share / 100
        if fresh is None:
            if token.value in (0, 1, 100):
                return text[token.start : token.end]
            raise Untold(token.text)
        if fresh == token.value:
            return text[token.start : token.end]
        new = printed(fresh, decimals, comma="," in token.text)
        if "/" in new or _is_ordinal(text, token):
            raise Untold(token.text)
        return new

    def _value(self, value: Fraction, steps: Steps, *, result: bool) -> Fraction | None:
        """The new value of an old one, None where it is nothing's; raises Untold where it could be several."""
        names = self._names.get(value, [])
        fresh = {self._new[name] for name in names}
        if len(fresh) < 2:
            return fresh.pop() if fresh else None
        results = {name for name, _ in steps}
        used = {_leaf_name(leaf) for _, tree in steps for leaf in leaves(tree)}
        for wanted in (results, used) if result else (used, results):
            meant = {self._new[name] for name in names if name in wanted}
            if len(meant) == 1:
                return meant.pop()
        raise Untold(str(value))


def _leaf_name(leaf: Name | Number) -> str:
    return leaf.name if isinstance(leaf, Name) else _constant(leaf.value)


def _constant(value: Fraction) -> str:
    return f"={value}"


def _is_ordinal(text: str, token: Token) -> bool:
    return text[token.end : token.end + 2].lower() in ("st", "nd", "rd", "th")
