"""Data card: a rationale set's manifest as a page for people: what is in it, what was left out and why."""

from collections.abc import Mapping
from typing import Any

REASONS = {
    "licence": "the licence policy does not allow the row",
    "overlap_exact": "the question is a test question",
    "overlap_loose": "the question is a test question but for case, punctuation and spacing",
    "overlap_near": "the question nearly is a test question (word-trigram Jaccard >= 0.8, numbers masked)",
    "duplicate": "the same question already has this system, up to names and order",
    "wrong_answer": "the solver's value is not the gold answer",
    "no_gold": "the problem has no gold answer to verify against",
    "no_annotation": "the problem brings no solution or formula",
    "no_calculation": "the solution states no calculation that could be read (mostly algebra in words)",
    "answer_not_computed": "no step that could be read computes the answer",
    "unexplained_number": "a number is neither in the question, nor computed, nor common knowledge",
    "rounded": "with exact values the steps do not reach the gold answer",
    "not_explicit": "the formula does not say how to compute its unknown",
    "division_by_zero": "a step divides by zero",
    "damaged": "the annotation could not be read",
}


def data_card(manifest: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    return "\n".join([*_head(manifest), *_sets(manifest), *_licences(manifest), *_left_out(manifest)]) + "\n"


def _head(manifest: Mapping[str, Any]) -> list[str]:
    return [
        "# Rationale set",
        "",
        f"{manifest['rows']:,} rationales for problems of {len(manifest['data_sets'])} data sets, written by the teacher "
        f"`{manifest['teacher']}`, each brought to the gold answer by the solver.",
        "",
        f"Thoughts: {', '.join(manifest['thoughts'])}. Licence policy: `{manifest['policy']}`. Compared with "
        f"{manifest['against']['questions']:,} test questions.",
        "",
    ]


def _sets(manifest: Mapping[str, Any]) -> list[str]:
    thoughts = manifest["thoughts"]
    lines = [
        "| data set | problems | " + " | ".join(thoughts) + " |",
        "|---" * (2 + len(thoughts)) + "|",
    ]
    for row in manifest["data_sets"]:
        kept = [_share(row["kept"].get(thought, 0), row["problems"]) for thought in thoughts]
        lines.append(f"| {row['data_set']} | {row['problems']:,} | " + " | ".join(kept) + " |")
    return [*lines, ""]


def _share(count: int, whole: int) -> str:
    return f"{count:,} ({100 * count / whole:.1f} %)" if whole else "0"


def _licences(manifest: Mapping[str, Any]) -> list[str]:
    rows = [
        f"| {name or 'none stated'} | {count:,} |" for name, count in sorted(manifest["licences"].items())
    ]
    return ["| licence | rationales |", "|---|---|", *rows, ""]


def _left_out(manifest: Mapping[str, Any]) -> list[str]:
    lines = ["## Left out", "", "| data set | what | reason | count | meaning |", "|---|---|---|---|---|"]
    for row in manifest["data_sets"]:
        for name, count in row["dropped"].items():
            what, _, reason = name.partition(":")
            meaning = REASONS.get(reason, "the solver's status")
            lines.append(f"| {row['data_set']} | {what} | `{reason}` | {count:,} | {meaning} |")
    if len(lines) == 4:
        lines = ["## Left out", "", "Nothing."]
    return [*lines, "", "Every one of them is a row of `dropped.jsonl`."]
