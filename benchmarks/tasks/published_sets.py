"""Published sets that a student of GSM8K is scored on as well: its relatives in other numbers, words and languages.

All are for scoring alone. Columns, licences and sizes are those of the sets' own cards; where a row's answer is no single
number the row is left out, and `data prepare` says how many were.
"""

from benchmarks.tasks.fields import Fields
from benchmarks.tasks.licenses import UNSTATED
from benchmarks.tasks.splits import TEST
from benchmarks.tasks.task import Fault, HubSource, SplitFile, Task

LANGUAGES = ("bn", "de", "en", "es", "fr", "ja", "ru", "sw", "te", "th", "zh")
OF_GSM8K_TEST = Fault("its problems are made of GSM8K's test questions, faults of those included")


def _gsm_symbolic(suffix: str, config: str, rows: int, what: str) -> Task:
    return Task(
        f"gsm_symbolic{suffix}",
        "apple/ml-gsm-symbolic",
        "CC-BY-NC-ND-4.0",
        f"{rows}: {what}",
        {TEST: SplitFile(f"gsm_symbolic{suffix}", rows)},
        (OF_GSM8K_TEST,),
        HubSource(
            "apple/GSM-Symbolic",
            {TEST: "test"},
            Fields("question", "answer", None, "answer", None),
            config=config,
        ),
    )


def _gsm_plus(suffix: str, split: str, published: int, rows: int) -> Task:
    return Task(
        f"gsm_plus{suffix}",
        "qtli/GSM-Plus",
        "CC-BY-SA-4.0",
        f"{published}; questions without an answer (`critical thinking`, answer None) are left out",
        {TEST: SplitFile(f"gsm_plus{suffix}", rows)},
        (OF_GSM8K_TEST,),
        HubSource("qintongli/GSM-Plus", {TEST: split}, Fields("question", "answer", None, None, None)),
    )


def _mgsm(language: str) -> Task:
    return Task(
        f"mgsm_{language}",
        "google-research/url-nlp",
        "CC-BY-SA-4.0",
        "250 of GSM8K's test questions, translated by people; the authors' files are CC-BY-4.0",
        {TEST: SplitFile(f"mgsm_{language}", 250)},
        (OF_GSM8K_TEST,),
        HubSource(
            "juletxara/mgsm",
            {TEST: "test"},
            Fields("question", "answer_number", None, None, None),
            config=language,
        ),
    )


def _mawps_part(name: str, rows: int, file: str) -> Task:
    return Task(
        name,
        f"kojima-takeshi188/zero_shot_cot:{file}",
        UNSTATED,
        f"{rows}; a part of MAWPS",
        {TEST: SplitFile(name, rows)},
        hub=HubSource(
            "",
            {TEST: "test"},
            Fields("sQuestion", "lSolutions", None, None, "lEquations"),
            form="list",
        ),
    )


PUBLISHED: tuple[Task, ...] = (
    _gsm_symbolic("", "main", 5000, "100 templates of GSM8K's test questions, 50 problems each"),
    _gsm_symbolic("_p1", "p1", 5000, "the same with one clause more"),
    _gsm_symbolic("_p2", "p2", 2500, "50 templates with two clauses more, 50 problems each"),
    _gsm_plus("", "test", 10552, 9233),
    _gsm_plus("_mini", "testmini", 2400, 2100),
    Task(
        "gsm_hard",
        "reasoning-machines/pal",
        "MIT",
        "1319: GSM8K's test questions with one number made large",
        {TEST: SplitFile("gsm_hard", 1319)},
        (
            OF_GSM8K_TEST,
            Fault("answers are floats; here they are what the row's program comes to in exact arithmetic"),
            Fault("large numbers make many stories impossible, and answers negative or no longer whole"),
        ),
        HubSource(
            "reasoning-machines/gsm-hard",
            {TEST: "train"},
            Fields("input", "target", None, "code", None),
            form="program",
        ),
    ),
    *map(_mgsm, LANGUAGES),
    _mawps_part("addsub", 395, "dataset/AddSub/AddSub.json"),
    _mawps_part("singleeq", 508, "dataset/SingleEq/questions.json"),
    Task(
        "math500",
        "openai/prm800k",
        "MIT",
        "500, of which 396 have a number for an answer; kept are its 114 word problems",
        {TEST: SplitFile("math500", 114)},
        hub=HubSource(
            "HuggingFaceH4/MATH-500",
            {TEST: "test"},
            Fields("problem", "answer", "unique_id", "solution", None),
            form="latex",
        ),
        kind="algebra",
        note="math500: only its word problems, whose formulas are numbers alone, with a number for an answer; figures do "
        "not compare with those on all 500.",
    ),
)
