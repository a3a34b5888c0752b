"""Data card: a rationale set's manifest as a page for people: what is in it, what was left out and why."""

from collections.abc import Mapping
from typing import Any

REASONS = {
    "license": "the licence policy does not allow the problem",
    "text_license": "the licence policy does not allow the text: its own licence, or the terms of its model",
    "overlap_exact": "the question is a test question",
    "overlap_loose": "the question is a test question but for case, punctuation and spacing",
    "overlap_near": "the question nearly is a test question (word-trigram Jaccard >= 0.8, numbers masked)",
    "duplicate": "the same question already has this system, up to names and order",
    "wrong_answer": "the solver's value is not the gold answer",
    "false_arithmetic": "the chain says a calculation that is false",
    "answer_not_in_steps": "the chain states the answer without reaching it",
    "no_gold": "the problem has no gold answer to verify against",
    "answer_no_number": "the gold answer is not one number",
    "not_chosen": "the field of replay.only is not true in the row",
    "no_question": "the row has no question",
    "no_text": "the row has no rationale",
    "thought_not_asked": "the stored rationale is a thought that was not asked for",
    "unknown_thought": "the stored rationale is no eot, pot or cot",
    "no_annotation": "the problem brings no solution or formula",
    "no_calculation": "the solution states no calculation that could be read (mostly algebra in words)",
    "answer_not_computed": "no step that could be read computes the answer",
    "unexplained_number": "a number is neither in the question, nor computed, nor common knowledge",
    "rounded": "with exact values the steps do not reach the gold answer",
    "not_explicit": "the formula does not say how to compute its unknown",
    "division_by_zero": "a step divides by zero",
    "damaged": "the annotation could not be read",
    "too_long": "the question or its solution is longer than any word problem",
    "counted_number": "a step uses a number that the question neither says nor implies",
    "ambiguous_number": "a number of the question is a result of its steps, too: either could be meant",
    "unused_number": "the question says a number that no step uses, so that others may not change",
    "no_free_number": "every number of the question is fixed: a date, an age, a label, a number of the world",
    "no_other_number": "a number of the question has no other plausible value",
    "no_fitting_numbers": "no other numbers were found that leave every result as sensible as it was",
    "clock": "the question asks for a time or a date, which go on otherwise than numbers",
    "floored": "a step leaves a remainder",
    "unit_unread": "what the question asks for could not be read",
    "answer_too_small": "nothing follows from an answer below 2",
    "answer_too_large": "nothing is made of an answer so large",
    "no_fitting_step": "no further step comes to a sensible value",
    "question_unread": "the question does not end with the one sentence that asks",
    "no_fitting_sentence": "every sentence that could distract has a word of the question",
    "points_back": "a sentence points at one before it, so that the order stays",
    "no_single_use": "no number is used once, by steps that are used once",
    "repeated": "the problem has no further variant of this kind",
    "no_sentences": "the worked solution's sentences could not be written with the new numbers",
    "not_rewritten": "the problem carries no annotation of a rewriting",
    "refusal": "the teacher refused",
    "content_filter": "a filter of the server stopped the text",
    "length": "the text reached the limit of its tokens",
    "empty_reply": "the reply has no text",
    "empty_choices": "the server answered without a reply",
    "other_language": "the text is not English",
    "no_json": "the reply is no JSON",
    "wrong_schema": "the reply's JSON is not what was asked for",
    "reply_too_long": "the reply was larger than any text can be",
    "question_too_long": "the question does not fit the model",
    "bad_request": "the server does not take this request",
    "bad_reply": "the server's reply could not be read, however often it was asked",
    "timeout": "the server did not answer in time, however often it was asked",
    "connection": "the connection was lost, however often it was made",
    "rate_limited": "the server was too busy, however often it was asked",
    "no_votes": "no sample about the question could be solved",
    "disagree": "too few samples about the question agree on an answer",
    "one_thought_only": "the samples that agree are all of one thought",
    "outvoted": "the sample reaches another answer than those that agree",
    "server_error": "the server failed, however often it was asked",
}


def data_card(manifest: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    lines = [
        *_head(manifest),
        *_sets(manifest),
        *_counts("licence of the problem", manifest["licenses"]),
        *_counts("licence of the text", manifest["text_licenses"]),
        *_counts("written by", manifest["teachers"]),
        *_left_out(manifest),
    ]
    return "\n".join(lines) + "\n"


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
        *_near_duplicates(manifest["near_duplicate_rows"]),
    ]


def _near_duplicates(rows: Mapping[str, int]) -> list[str]:
    if not rows:
        return []
    told = ", ".join(f"{count:,} of {task}" for task, count in rows.items())
    return [
        f"**Siblings kept** (the question is a test question with other numbers): {told}. A student that learns from "
        "this set is marked, and scored on the full test and on the test without near duplicates.",
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


def _counts(what: str, counts: Mapping[str, int]) -> list[str]:
    rows = [f"| {name or 'none stated'} | {count:,} |" for name, count in counts.items()]
    return [f"| {what} | rationales |", "|---|---|", *rows, ""]


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
