"""The catalogue of public data sets: splits and files, published counts, licences and known label faults.

What is said about labels was checked by evaluating every formula; a fault's `ids` are empty where it is a
share of the whole rather than a list.
"""

from benchmarks.tasks.fields import Fields
from benchmarks.tasks.licenses import UNSTATED
from benchmarks.tasks.published_sets import PUBLISHED
from benchmarks.tasks.splits import DEV, TEST, TRAIN
from benchmarks.tasks.task import Fault, HubSource, SplitFile, Task

# Files that repeat a scoring split under another name.
SCORING_COPIES = {"gsm8k_test_socratic": "gsm8k"}
DEV_IDS = "splits/gsm8k_dev_1000.json"
# sha256 of the published ids, sorted, one a line.
DEV_IDS_SHA256 = "9acde959bb793237c0968c692a49cc680d98c13765aac9e44ccfdd813fa7ae2e"
ROUNDED = Fault(
    "decimal answers are rounded in places; they are compared at the decimals they are printed with"
)
TOOLKIT = "LYH-YF/MWPToolkit"


def _mawps(number: str) -> str:
    return f"mawps-{number}"


TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task(
            "gsm8k",
            "openai/grade-school-math",
            "MIT",
            "7473 train, 1319 test; dev is the 1000 of train that GSM-IC published",
            {
                TRAIN: SplitFile("gsm8k_train", 6473, DEV_IDS, keep_listed=False),
                DEV: SplitFile("gsm8k_train", 1000, DEV_IDS),
                TEST: SplitFile("gsm8k_test", 1319),
            },
            (
                Fault("GSM8K-Platinum kept 1,209 of 1,319 test questions: about 8 % are ambiguous or wrong"),
                Fault("95 train and 18 test solutions have no annotation"),
                Fault("in 377 train and 93 test solutions the last annotated value is not the final answer"),
            ),
            HubSource(
                "openai/gsm8k",
                {TRAIN: "train", TEST: "test"},
                Fields("question", "answer", None, "answer", None),
                config="main",
            ),
        ),
        Task(
            "svamp",
            "arkilpatel/SVAMP",
            "MIT",
            "1000, in the 700/300 split of the common hub copy",
            {TRAIN: SplitFile("svamp_train", 700), TEST: SplitFile("svamp_test", 300)},
            (Fault("labelled 1, right is 5", ("svamp-680",)),),
            HubSource(
                "ChilleD/SVAMP",
                {TRAIN: "train", TEST: "test"},
                Fields("Body+Question", "Answer", None, None, "Equation"),
            ),
        ),
        Task(
            "asdiv",
            "chaochun/nlu-asdiv-dataset",
            "CC-BY-NC-4.0",
            "2305; 146 whose answer is not one number are left out",
            {TEST: SplitFile("asdiv_all", 2159)},
            (
                Fault(
                    "the formula gives the answer only after rounding",
                    tuple(f"asdiv-{n}" for n in ("0575", "1980", "1983", "1984", "1985", "1990", "1992")),
                ),
                Fault("the formula is not explicit", ("asdiv-1336",)),
            ),
            HubSource(
                "EleutherAI/asdiv",
                {TEST: "validation"},
                Fields("body+question", "answer", None, None, "formula"),
            ),
        ),
        Task(
            "multiarith",
            "kojima-takeshi188/zero_shot_cot",
            UNSTATED,
            "600",
            {TEST: SplitFile("multiarith_test", 600)},
            (Fault("20 questions are repeats: 580 are distinct"),),
            HubSource(
                "ChilleD/MultiArith", {TEST: "test"}, Fields("question", "final_ans", None, None, None)
            ),
        ),
        Task(
            "mawps",
            TOOLKIT,
            UNSTATED,
            "2373; a union of older sets, reduced by its overlaps with evaluation sets",
            {TRAIN: SplitFile("mawps_train", 786)},
            (
                Fault(
                    "the equation or the answer is wrong",
                    tuple(map(_mawps, ("0067", "1115", "1391", "1543", "1592", "2185", "2234"))),
                ),
                Fault("124 questions are also in ASDiv (marked `overlaps`)"),
            ),
        ),
        Task(
            "mawps_asdiv_a",
            "arkilpatel/SVAMP",
            "CC-BY-NC-4.0",
            "3138; MAWPS with the arithmetic part of ASDiv, reduced",
            {TRAIN: SplitFile("mawps_asdiv_a_train", 2105)},
            (Fault("holds all of MultiArith and 814 questions of ASDiv (marked `overlaps`)"),),
        ),
        Task(
            "aqua",
            "google-deepmind/AQuA",
            "Apache-2.0",
            "254 dev, 254 test; rows whose right option is no plain number are left out",
            {DEV: SplitFile("aqua_dev", 187), TEST: SplitFile("aqua_test", 180)},
            (Fault("multiple choice: the answer is the right option's number, never one of five choices"),),
            kind="multiple choice",
            note="aqua: the options are not shown and the answer is the right option's number, so figures do not "
            "compare with choosing one of five; rows whose right option is no plain number are left out.",
        ),
        Task(
            "draw",
            TOOLKIT,
            UNSTATED,
            "600/200/200; problems that ask for several numbers are left out",
            {
                TRAIN: SplitFile("draw_train", 148),
                DEV: SplitFile("draw_dev", 52),
                TEST: SplitFile("draw_test", 54),
            },
            (ROUNDED,),
            kind="algebra",
        ),
        Task(
            "alg514",
            TOOLKIT,
            UNSTATED,
            "514; problems that ask for several numbers are left out",
            {TEST: SplitFile("alg514", 86)},
            (ROUNDED,),
            kind="algebra",
        ),
        Task(
            "dolphin1878",
            TOOLKIT,
            UNSTATED,
            "1504/187/187; problems that ask for several numbers are left out",
            {
                TRAIN: SplitFile("dolphin1878_train", 554),
                DEV: SplitFile("dolphin1878_dev", 79),
                TEST: SplitFile("dolphin1878_test", 79),
            },
            (ROUNDED,),
            kind="algebra",
        ),
        Task(
            "algebra222",
            "joyheyueya/declarative-math-word-problem",
            "CC-BY-SA-4.0",
            "222",
            {TEST: SplitFile("algebra222_test", 222)},
            kind="algebra",
        ),
        Task(
            "mathqa_gain",
            "mukhal/grace (copy of Lila)",
            UNSTATED,
            "4551 programs in all; 103 repeated questions are left out",
            {
                TRAIN: SplitFile("mathqa_gain_train", 3578),
                DEV: SplitFile("mathqa_gain_dev", 487),
                TEST: SplitFile("mathqa_gain_test", 383),
            },
            (
                Fault("answers come from the programs, and MathQA's formulas are known to be noisy"),
                Fault("nearly every dev and test question has a sibling with other numbers in train"),
            ),
        ),
        *PUBLISHED,
    )
}
