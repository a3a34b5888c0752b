"""Whether lm-evaluation-harness and we say the same about the same model, item by item.

`python -m scripts.speed.lm_eval_agreement LM_EVAL_SAMPLES.jsonl OUR_SAMPLES.jsonl` takes what `lm_eval --log_samples`
wrote for GSM8K and what `edgethought bench --prompt-mode lm-eval` wrote, and compares for each question: the reply, what
either filter reads out of it, and whether that counts as right. Exit status 1 when anything differs.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.scoring.external.lm_eval import is_right
from benchmarks.scoring.external.lm_eval_filters import flexible, strict
from benchmarks.scoring.model_info import LM_EVAL_SETTINGS
from benchmarks.scoring.samples import Sample, question_hash, read_samples
from runtime.values.errors import EdgethoughtError, InputError
from runtime.values.files import read_jsonl
from scripts.speed.harness import arguments, show

FILTERS = {"strict-match": True, "flexible-extract": False}
# What lm-eval writes where its regular expression finds nothing.
NOTHING_FOUND = "[invalid]"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One question under one filter, by one side: the reply, what was read out of it, and whether that is right."""

    reply: str
    read: str | None
    right: bool


def their_verdicts(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, str], Verdict]:
    """lm-eval's verdicts by filter and question; raises InputError for rows that are not its GSM8K samples."""
    found = {}
    for row in rows:
        try:
            read = str(row["filtered_resps"][0]).strip()
            found[row["filter"], question_hash(row["doc"]["question"])] = Verdict(
                str(row["resps"][0][0]), None if read == NOTHING_FOUND else read, bool(row["exact_match"])
            )
        except (LookupError, TypeError) as error:
            raise InputError(
                f"a row is no sample of lm-eval's gsm8k ({type(error).__name__}: {error}); expected: what "
                "`lm_eval --log_samples` wrote"
            ) from error
    return found


def our_verdict(sample: Sample, *, strictly: bool) -> Verdict:
    """Our verdict on a logged reply."""
    read = (strict if strictly else flexible)(sample.text)
    return Verdict(sample.text, read, is_right(sample, strictly=strictly))


def agreements(rows: Iterable[dict[str, Any]], samples: Sequence[Sample]) -> Iterator[dict[str, Any]]:
    """Both sides' verdicts, counted by filter over the questions that both have; InputError when they share none."""
    theirs = their_verdicts(rows)
    for name, strictly in FILTERS.items():
        pairs = [
            (theirs[name, sample.question_hash], our_verdict(sample, strictly=strictly))
            for sample in samples
            if (name, sample.question_hash) in theirs
        ]
        if not pairs:
            raise InputError(
                f"no question of {name} is in both files; expected: samples of the same questions"
            )
        yield {
            "filter": name,
            "n": len(pairs),
            "same reply": sum(a.reply == b.reply for a, b in pairs),
            "same number read": sum(a.read == b.read for a, b in pairs),
            "same verdict": sum(a.right == b.right for a, b in pairs),
            "right by lm-eval": sum(a.right for a, _ in pairs),
            "right by us": sum(b.right for _, b in pairs),
        }


def whole(agreement: dict[str, Any]) -> bool:
    """Whether nothing differs under one filter."""
    return all(
        agreement[name] == agreement["n"] for name in ("same reply", "same number read", "same verdict")
    )


def lm_eval_samples(path: Path) -> list[Sample]:
    """The samples of a log that answer lm-eval's prompts; raises InputError when they are not of one model."""
    samples = [sample for sample in read_samples(path) if sample.settings.startswith(LM_EVAL_SETTINGS)]
    models = sorted({sample.artifact for sample in samples})
    if len(models) != 1:
        raise InputError(
            f"{path} holds lm-eval's prompts answered by {models or 'nobody'}; expected: one model"
        )
    return samples


def main() -> int:
    """Compare two files of samples."""
    parser = arguments(__doc__)
    parser.add_argument("theirs", type=Path, help="samples_gsm8k_….jsonl of `lm_eval --log_samples`")
    parser.add_argument("ours", type=Path, help="samples.jsonl of `edgethought bench --prompt-mode lm-eval`")
    given = parser.parse_args()
    try:
        found = list(agreements(read_jsonl(given.theirs), lm_eval_samples(given.ours)))
    except EdgethoughtError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    show(found, given.json)
    return 0 if all(map(whole, found)) else 1


if __name__ == "__main__":
    sys.exit(main())
