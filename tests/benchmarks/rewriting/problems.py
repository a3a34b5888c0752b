"""Problems of our own with solutions as GSM8K writes them."""

from benchmarks.rewriting.template import Source, Template, read_source, read_template
from runtime.values.problem import Problem
from runtime.values.rationale import Declined

MARBLES = Problem(
    "m",
    "Tom has 12 bags of clay. Each bag holds 8 pounds. He uses 36 pounds for a statue. How many pounds of clay are left?",
    "60",
    "Tom has 12 * 8 = <<12*8=96>>96 pounds of clay.\nHe has 96 - 36 = <<96-36=60>>60 pounds left.\n#### 60",
    source="ours:problems.jsonl#3",
    license="MIT",
)
APPLES = Problem(
    "a",
    "Anna buys 15 apples and 9 pears. She pays $0.50 for each of them. How much does she pay?",
    "12",
    "Anna buys 15 + 9 = <<15+9=24>>24 pieces.\nShe pays 24 * 0.5 = $<<24*0.5=12>>12.\n#### 12",
    license="MIT",
)
SHARES = Problem(
    "s",
    "A shop sold 300 tickets. 60% of the tickets were for children and 40% were for adults. If a child's ticket costs "
    "$7, how much did the shop get for them?",
    "1260",
    "There were 300 * 60 / 100 = <<300*60/100=180>>180 tickets for children.\n"
    "The shop got 180 * 7 = $<<180*7=1260>>1260.\n#### 1260",
    license="MIT",
)


def source_of(problem: Problem) -> Source:
    """The problem's source, which there must be."""
    source = read_source(problem)
    assert not isinstance(source, Declined), source
    return source


def template_of(problem: Problem) -> Template:
    """The problem's template, which there must be."""
    template = read_template(source_of(problem))
    assert not isinstance(template, Declined), template
    return template


def asked(question: str, solution: str, answer: str) -> Problem:
    """A problem with a marked solution, `48/2=24` a line."""
    lines = "\n".join(
        f"It is {line.replace('=', ' = ')} <<{line}>>{line.rpartition('=')[2]}." for line in solution.split()
    )
    return Problem("q", question, answer, f"{lines}\n#### {answer}", license="MIT")
