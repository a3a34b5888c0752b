"""The probe set of the parity gate: a few dozen problems of our own that no student is trained on."""

from pathlib import Path

from runtime.values.files import read_jsonl
from runtime.values.problem import Problem

PROBES_FILE = Path(__file__).with_name("probes.jsonl")
# Text that has broken tokenisers before; only its token ids are compared.
AWKWARD_TEXTS = (
    "",
    " ",
    "  two  spaces\t\ttabs\n\nlines\r\n",
    "1,234.50 + 20% of $3.75 = ? 2½ × ¾ ÷ −5 · 10²",
    "naïve café 漢字 العربية 😀👩‍👩‍👧 ｆｕｌｌ１２３",
    "<|im_end|> <|im_start|>user [INST] </s> <s>",
    "x_1 = (48/2)**2 - 3.5e2 # note\n    return ans",
    "don't we'll it's they've I'm you'd she's o'clock",
)


def probe_problems(path: Path = PROBES_FILE) -> list[Problem]:
    """The probe problems, in file order."""
    return [Problem(**row) for row in read_jsonl(path)]
