"""LaTeX: what models put around and inside numbers, made plain. `\\boxed` and its braces stay for whoever looks for them.

`2\\frac{1}{2}` is `2 1/2`, `1{,}234` is `1,234`, `5\\text{ cm}` is `5 cm`, `1.5 \\times 10^{3}` is `1.5 × 10^{3}`.
What is no number, such as a fraction of letters, is left as `¤`, which no number is read beside.
"""

import re

OPAQUE = "¤"
_SPACES = re.compile(
    r"\\(?:[,;: >]|(?:quad|qquad|enspace|enskip|thinspace|medspace|thickspace|space)(?![A-Za-z]))"
)
_NOTHING = re.compile(
    r"\\(?:!|(?:left|right|bigl|bigr|Bigl|Bigr|big|Big|displaystyle|textstyle|limits|centering)(?![A-Za-z]))"
)
_TEXT = re.compile(
    r"\\(?:text|textbf|textit|textrm|textsf|texttt|textnormal|mathrm|mathbf|mathit|mathsf|mathtt|bm|boldsymbol|mbox|hbox|"
    r"operatorname|emph|underline|overline|num|color\{[a-z]{1,20}\}|textcolor\{[a-z]{1,20}\})\*?\s?\{([^{}]{0,400})\}"
)
_FRACTION = re.compile(
    r"\\[dtc]?frac\s?(?:\{([^{}]{0,400})\}|(\d))\s?(?:\{([^{}]{0,400})\}|(\d))"
    r"|\\(?:nice|s|x)frac\s?\{([^{}]{0,400})\}\s?\{([^{}]{0,400})\}"
    r"|\{\s?(-?\d{1,400})\s?\\over\s?(\d{1,400})\s?\}"
)
_SIGNED = re.compile(r"\s?(-?)\s?([\d][\d,. ]{0,400})\s?")
_SIGNS = (
    ("\\times", "×"), ("\\cdot", "×"), ("\\ast", "×"), ("\\div", "÷"), ("\\approx", "≈"), ("\\simeq", "≈"),
    ("\\sim", "≈"),
    ("\\sqrt", "√"), ("\\pi", "π"), ("\\infty", OPAQUE), ("\\pm", OPAQUE), ("\\degree", "°"), ("^{\\circ}", "°"),
    ("^\\circ", "°"), ("\\circ", "°"), ("\\percent", "%"), ("\\colon", ":"), ("\\ratio", ":"), ("\\dollar", "$"),
    ("\\%", "%"), ("\\$", "$"), ("\\#", "#"), ("\\&", "&"), ("\\_", "_"), ("\\{", "("), ("\\}", ")"),
    ("\\(", " "), ("\\)", " "), ("\\[", "\n"), ("\\]", "\n"),
    ("\\Rightarrow", "→"), ("\\rightarrow", "→"), ("\\implies", "→"), ("\\to", "→"),
)  # fmt: skip
_GLUE = (("{,}", ","), ("{.}", "."), ("{:}", ":"), ("{}", ""))


def plain_latex(text: str) -> str:
    """The text with LaTeX made plain, in time linear in it."""
    if "{" in text:
        for written, meant in _GLUE:
            text = text.replace(written, meant)
    text = text.replace("~", " ")
    if "\\" not in text:
        return text
    text = _SPACES.sub(" ", _NOTHING.sub("", text.replace("\\\\", "\n")))
    # Inner ones first; what is nested deeper than this is no number.
    for _ in range(3):
        text = _TEXT.sub(r" \1", text)
    for written, meant in _SIGNS:
        text = text.replace(written, meant)
    for _ in range(2):
        text = _FRACTION.sub(_fraction, text)
    return text.replace("\\frac", OPAQUE).replace("\\dfrac", OPAQUE)


def _fraction(match: re.Match[str]) -> str:
    above, below = [part for part in match.groups() if part is not None]
    upper, lower = _SIGNED.fullmatch(above), _SIGNED.fullmatch(below)
    before = match.string[match.start() - 1 : match.start()] if match.start() else ""
    if upper is None or lower is None:
        return f" {OPAQUE} "
    space = " " if before.isalnum() else ""
    sign = "-" if (upper[1] == "-") != (lower[1] == "-") else ""
    return f"{space}{sign}{upper[2].strip().replace(' ', '')}/{lower[2].strip().replace(' ', '')}"
