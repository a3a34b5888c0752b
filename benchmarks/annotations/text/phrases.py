"""Words of a sentence around one calculation, and the simple phrases that names are made of.

No grammar is parsed: word lists say which words may stand in a name, punctuation and joining words end a clause.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.annotations.text.arithmetic import Token
from benchmarks.annotations.text.words import (
    EITHER,
    LIKE_NOUNS,
    ORDINALS,
    PRONOUNS,
    SHORT_UNITS,
    STOP,
    VERBS,
    spread,
)

BREAK = ","


@dataclass(frozen=True, slots=True)
class Word:
    """One word in lower case: whether it may stand in a name, is a proper name, ends in 's. A break has the text `,`."""

    text: str
    content: bool = False
    proper: bool = False
    possessive: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a sentence says about one result: the words before the expression, those after the result.

    `sum` and `difference` say how the last operator makes it.
    """

    before: tuple[Word, ...]
    after: tuple[Word, ...]
    currency: bool
    sum: bool
    difference: bool = True


def said_about(
    tokens: Sequence[Token],
    start: int,
    end: int,
    *,
    currency: bool,
    is_sum: bool,
    is_difference: bool = True,
    people: frozenset[str] = frozenset(),
) -> Said:
    """Split a sentence around one calculation; `people` are names that may also begin a sentence."""
    before = words_of([token for token in tokens if token.end <= start], people)
    after = words_of([token for token in tokens if token.start >= end], people, first=False)
    return Said(tuple(before), tuple(after), currency, is_sum, is_difference)


def proper_names(lines: Iterable[Sequence[Token]]) -> frozenset[str]:
    """Words (lower case) that are written with a capital inside a sentence: names of people, places and days."""
    return frozenset(word.text for line in lines for word in _capital_words(line) if word.proper)


def _capital_words(tokens: Sequence[Token]) -> Iterator[Word]:
    """The words that are written with a capital, but for the first of a sentence."""
    before: Token | None = None
    for token in tokens:
        if token.kind == "word" and token.text[0].isupper() and not _begins(before):
            yield _word(token.text, before.text if before else "", _is_word(before), begins=False)
        before = token


def words_of(tokens: Sequence[Token], people: frozenset[str], *, first: bool = True) -> list[Word]:
    """The words of some tokens; numbers, signs and punctuation become breaks, the slash of `pages/day` becomes per."""
    found: list[Word] = []
    skip = False
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else None
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        if skip:
            skip = False
        elif token.kind == "word":
            begins = first if before is None else _begins(before)
            known = not begins or _is_one_of(token.text, people)
            word = _word(token.text, before.text if before else "", _is_word(before), begins=not known)
            if after is not None and word.content and _is_label(after):
                word, skip = Word(f"{word.text}_{after.text.lower()}", True, word.proper), True
            if word.text in ORDINALS and after is not None and after.kind == "word":
                noun = _word(after.text, token.text, True, begins=False)
                if noun.content:
                    word, skip = Word(f"{word.text}_{noun.text}", True), True
            found.append(word)
        elif token.text == "/" and after is not None and after.kind == "word":
            found.append(Word("per"))
        elif not found or found[-1].text != BREAK:
            found.append(Word(BREAK))
    return found


def _begins(before: Token | None) -> bool:
    """Whether a word behind this token begins a sentence."""
    return before is None or before.text in ".!?:"


def _is_word(token: Token | None) -> bool:
    return token is not None and token.kind == "word"


@lru_cache(1 << 14)
def _word(text: str, before: str, follows: bool, *, begins: bool) -> Word:
    """A word by its text and what stands before it: a word if it `follows` one. The same few thousand pairs recur."""
    lower = text.lower().replace("’", "'")
    possessive = lower.endswith(("'s", "s'"))
    bare = lower.removesuffix("'s").rstrip("'")
    bare = SHORT_UNITS.get(bare, bare)
    capital = text[:1].isupper()
    previous = before.lower() if follows else ""
    content = (lower == "may" and capital and not begins) or _may_name(
        bare, lower, previous, capital and not begins, before
    )
    return Word(bare.replace("-", "_"), content, capital and content and not begins, possessive)


def _is_label(token: Token) -> bool:
    """The letter of `Jar B`."""
    return len(token.text) == 1 and token.text.isascii() and token.text.isupper() and token.text not in "IXS"


def _is_one_of(text: str, people: frozenset[str]) -> bool:
    return text.lower().replace("’", "'").removesuffix("'s").rstrip("'") in people


def _may_name(bare: str, lower: str, previous: str, capital: bool, before: str) -> bool:
    """Whether a word is likely a noun or adjective."""
    letters = bare.replace("-", "")
    if len(letters) < 2 or not (letters.isascii() and letters.isalpha()):
        return False
    if bare == "leaves" and not previous:  # 500 leaves, not: this leaves 500
        return True
    if lower in STOP or bare in STOP or (bare == "miss" and capital):
        return False
    if capital or bare in LIKE_NOUNS:
        return True
    if bare in EITHER:
        named = before[:1].isupper() and before.lower() not in STOP
        named = named and not previous.endswith(("'s", "’s", "s'"))
        return previous not in PRONOUNS and not named
    return bare not in VERBS and not (bare.endswith(("ed", "ing", "ly")) and len(bare) > 4)


def last_clause(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words of the last clause that says anything."""
    end = len(words)
    while end and (
        words[end - 1].text == BREAK or (not words[end - 1].content and words[end - 1].text in TRAILING)
    ):
        end -= 1
    start = end
    while start and words[start - 1].text != BREAK and words[start - 1].text not in JOINING:
        start -= 1
    clause = words[start:end]
    if start > 0 and not any(word.content for word in clause):
        earlier = last_clause(words[: start - 1])
        return (*earlier, *clause)
    return clause


JOINING = spread("because so since if when thus therefore that means while but then")
TRAILING = spread("is was are were be will would equals equal to a an the of for by comes total has have had")


def first_phrase(after: tuple[Word, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The noun phrase right after the result (at most three words), and the nouns later in the same clause."""
    clause: list[Word] = []
    for word in after:
        if (word.text == BREAK and clause) or word.text in JOINING:
            break
        if word.text != BREAK:
            clause.append(word)
    at = 0
    while at < len(clause) and not clause[at].content and at < 6 and clause[at].text in SKIPPED:
        at += 1
    phrase: list[str] = []
    while at < len(clause) and clause[at].content and len(phrase) < 3 and not (phrase and clause[at].proper):
        phrase.append(clause[at].text)
        at += 1
    return tuple(phrase), tuple(word.text for word in clause[at:] if word.content)


SKIPPED = spread(
    """be is represent represents stand stands number amount more less fewer of the total other extra additional a an
    remaining whole full his her their its different"""
)


def clause_subject(before: tuple[Word, ...]) -> tuple[str, ...]:
    """The subject of the last clause: `the cost of Dale's toast is` gives dale, toast, cost."""
    found: list[str] = []
    pending: list[str] = []
    for word in last_clause(before):
        if word.content:
            found.append(word.text)
        elif word.text in ("of", "from", "for") and found:
            pending, found = [*found, *pending], []
        elif word.text in ENDS_SUBJECT and found:
            break
    return (*found, *pending)[-3:]


ENDS_SUBJECT = spread("that who which in to on at with is was are were will has have had")


def per_unit(after: tuple[Word, ...]) -> tuple[str, ...]:
    """`per day` soon after the result."""
    for at, word in enumerate(after[:6]):
        if (word.text == BREAK and at) or word.text in JOINING:
            break
        follower = after[at + 1] if at + 1 < len(after) else None
        if follower is None or not follower.content:
            continue
        if word.text in ("per", "every") or (word.text in ("each", "a", "an") and follower.text in CALENDAR):
            return ("per", follower.text)
    return ()


CALENDAR = spread("day week month year hour minute second night person")
