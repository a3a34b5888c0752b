"""Readable names for steps, taken from the sentence that computes them: `may_clips`, `jeans_cost`, `pages_per_day`.

The head is what the result counts: the noun after it (`24 clips in May`), else the sentence's subject (`the cost of
Dale's toast is`), else the kind of money that its verb tells. Around it stand at most two words that set the step
apart: its modifiers, `per day`, `left`, `total` for a sum, whose it is, or the place or time after it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise, takewhile

from benchmarks.annotations.text.phrases import (
    BREAK,
    Said,
    Word,
    clause_subject,
    first_phrase,
    last_clause,
    per_unit,
)
from benchmarks.annotations.text.words import (
    FEWER,
    KIN,
    LEFT,
    MEASURES,
    MONEY,
    MONEY_NOUNS,
    MORE,
    RESERVED,
    STOP,
    TOTAL,
    spread,
)

MAX_WORDS = 3
MAX_CHARACTERS = 24
CURRENCIES = spread("dollars dollar cents bucks euros")
GENERIC = MEASURES | MONEY_NOUNS | frozenset(MONEY.values()) | spread("money amount age")
SUMS_OF_MONEY = spread("discount tax tip profit interest refund fee fine loss")
COMPARES = spread("than as of from to by and with")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a name is made of: words in front of the head, the head, words behind it, and words to tell it apart."""

    front: tuple[str, ...]
    head: str
    back: tuple[str, ...]
    owners: tuple[str, ...]
    others: tuple[str, ...]
    placed: bool = False

    @property
    def bare(self) -> bool:
        """Whether nothing stands around the head."""
        return not (self.front or self.back)


def choose_names(said: Sequence[Said]) -> list[str]:
    """One name a step, unique, never reserved, at most three words and 24 characters."""
    parts = [parts_of(one) for one in said]
    heads = Counter(part.head for part in parts)
    crowded = len({owner for part in parts for owner in part.owners}) > 1
    taken: set[str] = set()
    names: list[str] = []
    for part in parts:
        shared = (
            part.placed or heads[part.head] > 1 or part.head in GENERIC or (crowded and bool(part.owners))
        )
        name = next(name for name in _spellings(part, crowded=crowded, shared=shared) if name not in taken)
        taken.add(name)
        names.append(name)
    return names


def parts_of(said: Said) -> Parts:
    """Choose the head and the words around it."""
    phrase, where = first_phrase(said.after)
    subject = clause_subject(said.before)
    owners, context = _owners(said), _context(said.before)
    if phrase and phrase[-1] in ("year", "years") and any(word.text == "old" for word in said.after[:4]):
        phrase = (*phrase[:-1], "age")
    if said.currency or (phrase and phrase[-1] in CURRENCIES):
        phrase = tuple(word for word in phrase if word not in CURRENCIES)
        return _money_parts(said, (*phrase, *where), subject)
    if phrase:
        front = (*_leading(said), *phrase[:-1])
        placed = bool(where) and any(word.proper and word.text == where[0] for word in said.after)
        others = (*where, *reversed(subject), *context)
        return Parts(front, phrase[-1], _trailing(said), owners, others, placed)
    if subject:
        thing = _thing_of(subject, where, said)
    else:
        thing = (next((word for word in context if word not in owners), _any_word(said)),)
    return Parts((*_leading(said), *thing[:-1]), thing[-1], _trailing(said), owners, (*where, *context))


def _thing_of(subject: tuple[str, ...], where: tuple[str, ...], said: Said) -> tuple[str, ...]:
    """What is counted where the subject is only names: `Jason received` after `300 coins` gives jason, coins."""
    names = {word.text for word in said.before if word.proper}
    if not names.issuperset(subject):
        return subject
    nouns = [*where, *(word.text for word in reversed(said.before) if word.content and not word.proper)]
    return (subject[-1], nouns[0]) if nouns else subject


def _any_word(said: Said) -> str:
    """Where a sentence has no noun, its last longer word before the expression: `missed`, `sharpened`."""
    for word in (*reversed(said.before), *said.after):
        if len(word.text) > 3 and word.text.isascii() and word.text.isalpha() and word.text not in STOP:
            return word.text
    return "amount"


def _money_parts(said: Said, after: tuple[str, ...], subject: tuple[str, ...]) -> Parts:
    """`jeans_cost`, `dale_toast_cost`, `weekly_earnings`, `money_left`."""
    owners, context, trailing = _owners(said), _context(said.before), _trailing(said)
    if subject and subject[-1] in MONEY_NOUNS:
        front = (*_leading(said), *subject[:-1][-2:])
        return Parts(front, subject[-1], trailing, owners, (*after, *context))
    kind = _kind_of_money(said)
    head = "money" if trailing == ("left",) or not kind else kind
    return Parts(_leading(said), head, trailing, owners, (*after, *reversed(subject), *context))


def _kind_of_money(said: Said) -> str:
    """What the sentence begins with (`The discount when buying ... is`), else by the verb of the clause or sentence."""
    first = next((word.text for word in said.before if word.content), "")
    if first in SUMS_OF_MONEY:
        return first
    for word in (*reversed(last_clause(said.before)), *reversed(said.before)):
        if word.text in MONEY:
            return MONEY[word.text]
    for word in said.after:
        if word.text in ("after", "before", "if", "because"):
            break
        if word.text in MONEY or word.text == "off":
            return MONEY.get(word.text, "discount")
    return ""


def _leading(said: Said) -> tuple[str, ...]:
    """`total` for a sum that the sentence calls one, `more` and `fewer` for a difference."""
    if said.sum and any(word.text in TOTAL for word in (*said.before, *said.after)):
        return ("total",)
    first = said.after[0].text if said.after else ""
    if first in MORE and not _trailing(said):
        return ("more",)
    return ("fewer",) if first in FEWER else ()


def _trailing(said: Said) -> tuple[str, ...]:
    """`per day` and `left`."""
    unit = per_unit(said.after)
    if unit:
        return unit
    clause = last_clause(said.before) if said.difference else ()
    near = {word.text for word in (*clause, *said.after[:8]) if not word.content}
    return ("left",) if near & LEFT and not said.sum else ()


def _owners(said: Said) -> tuple[str, ...]:
    """Whose it is: proper names, the nearest first, those compared with last; of `Kimberly's brother` the brother."""
    before = said.before
    near: list[str] = []
    compared: list[str] = []
    for at, word in enumerate(before):
        if not word.proper:
            continue
        follower = before[at + 1] if at + 1 < len(before) else None
        name = follower.text if word.possessive and follower and follower.text in KIN else word.text
        previous = before[at - 1].text if at else ""
        (compared if previous in COMPARES else near).append(name)
    # `5 ears of corn that Dale bought`
    clause = takewhile(lambda word: word.text != BREAK, said.after)
    later = [
        word.text
        for earlier, word in pairwise(clause)
        if word.proper and earlier.text in ("that", "which", "for", "by")
    ]
    return tuple(dict.fromkeys([*later, *reversed(near), *compared]))


def _context(before: tuple[Word, ...]) -> tuple[str, ...]:
    """Other nouns before the expression, the nearest first."""
    return tuple(word.text for word in reversed(before) if word.content)


def _spellings(parts: Parts, *, crowded: bool, shared: bool) -> Iterator[str]:
    """Names for one step, best first; the last ones carry a number."""
    plain = [
        _joined((*parts.front, parts.head, *parts.back)),
        _joined((*parts.front[-1:], parts.head, *parts.back)),
        _joined((parts.head, *parts.back)) if parts.back else "",
        _joined((*parts.front[-1:], parts.head)) if parts.front else "",
    ]
    others = (
        (*parts.owners, *parts.others) if crowded and not parts.placed else (*parts.others, *parts.owners)
    )
    richer = _richer(parts, others)
    ordered = chain(richer, plain) if parts.bare and shared else chain(plain, richer)
    yield from (name for name in ordered if name and name not in RESERVED)
    stem = next(
        (name for name in (*plain, *_richer(parts, others)) if name and len(name) < MAX_CHARACTERS - 3),
        "amount",
    )
    yield from (f"{stem}_{number}" for number in range(2, 1000))


def _richer(parts: Parts, others: tuple[str, ...]) -> Iterator[str]:
    """The name with one more word in front, and where that is too long with fewer of the rest."""
    own = {_singular(word) for word in (*parts.front, parts.head, *parts.back)}
    for other in dict.fromkeys(others):
        if _singular(other) in own:
            continue
        for front, back in ((parts.front, parts.back), (parts.front[-1:], ()), ((), parts.back)):
            name = _joined((other, *front, parts.head, *back))
            if name:
                yield name


def name_of_words(words: tuple[str, ...], taken: set[str]) -> str:
    """One unique name of these words (empty ones are left out), the head in the middle."""
    given = tuple(word for word in words if word)
    name = _joined(given) or _joined(given[-1:]) or "amount"
    if name in RESERVED:
        name = f"{name}_amount"
    fresh = (f"{name[:20]}_{number}" for number in range(2, 1000))
    return name if name not in taken else next(other for other in fresh if other not in taken)


def _joined(words: tuple[str, ...]) -> str:
    """The words as one name, modifiers in the singular, or nothing when it would be too long."""
    kept = list({_singular(word): word for word in reversed(words)}.values())[::-1]
    last = max((at for at, word in enumerate(kept) if word != "left"), default=0)
    if "per" in kept:
        last = kept.index("per") - 1
        if last < 0 or kept[-1] == "per":
            return ""
    name = "_".join(_singular(word) if at < last else word for at, word in enumerate(kept))
    short = sum(word != "per" for word in kept) <= MAX_WORDS and len(name) <= MAX_CHARACTERS
    return name if short else ""


@lru_cache(1 << 12)
def _singular(word: str) -> str:
    """A modifier's form: `kangaroos` -> `kangaroo`."""
    if word in IN_S or len(word) <= 3:
        return word
    if word.endswith("ies") and word[:-1] not in IN_IE:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "atoes", "goes", "roes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


IN_IE = spread("cookie movie pie tie brownie smoothie calorie hoodie zombie selfie birdie lie")
IN_S = spread(
    "james jeans pants clothes series shorts scissors glasses thanks chess news texas earnings sales savings"
)
