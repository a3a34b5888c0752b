"""Thinking: what a reasoning model writes before its answer, in the formats that models are known to use.

A part that was opened and never closed goes to the end of the text; one that was closed and never opened (many chat
templates open it in the prompt) goes back to its beginning.
"""

import re

# Of a longer text the beginning, where thinking is opened, and the end, where it is closed and the answer stands.
MAX_CHARACTERS = 200_000
HEAD_CHARACTERS = 2_000
# A text with more marks than this is no reply; nothing is read out of it.
MAX_MARKS = 5_000
# Tags as DeepSeek-R1, Qwen, Seed, EXAONE and others write them, and what prompts commonly ask for.
_NAMES = (
    "think", "thinking", "thought", "thoughts", "thought_process", "reasoning", "reason", "reflection", "scratchpad",
    "analysis", "rationale", "inner_monologue", "internal_monologue", "seed:think", "antml:thinking", "ant_thinking",
    "antthinking",
)  # fmt: skip
# What stands between `<` and `>`: tags, then the tokens of Cohere, OpenThinker, Gemma, MedGemma and gpt-oss.
_KINDS: dict[str, str] = {
    **dict.fromkeys(_NAMES, "open"),
    **{f"/{name}": "close" for name in _NAMES},
    "|start_thinking|": "open", "|end_thinking|": "close",
    "|begin_of_thought|": "open", "|end_of_thought|": "close",
    "|channel": "open", "channel|": "close",
    "unused94": "open", "unused95": "close",
    "|channel|": "channel", "|start|": "turn", "|end|": "turn", "|return|": "turn",
}  # fmt: skip
_MARK = re.compile(r"<([/|]?[A-Za-z_:]{4,20}(?:9[45])?[| ]?)>")
_FINAL = re.compile(r"\s?final\b[^<]{0,80}(?:<\|constrain\|>[a-z]{0,20})?(?:<\|message\|>)?")
# Magistral's and Kimi's marks, as tags.
_AS_TAGS = (
    ("[THINK]", "<think>"),
    ("[/THINK]", "</think>"),
    ("◁think▷", "<think>"),
    ("◁/think▷", "</think>"),
)
# Thinking that is set off by headings: Granite's, Huatuo's.
_HEADINGS = (
    ("here is my thought process:", "here is my response:"),
    ("## thinking", "## final response"),
)
# gpt-oss' channels where a server has taken the special tokens out.
_BARE_CHANNEL = re.compile(r"\s{0,20}(?:analysis|commentary)(?=[A-Z\"'*])")
_BARE_FINAL = "assistantfinal"
_SPECIAL = re.compile(r"<\|[^|<>\s]{1,40}\|>")


def without_thinking(text: str) -> str:
    """The text a reader was meant to see: all parts in which the model thinks are taken out. Linear in the text."""
    text = _with_tags(text)
    if "<" in text:
        text = _SPECIAL.sub(" ", _visible(text)[0])
    return _after_headings(_after_bare_channels(text))


def is_thinking(text: str) -> bool:
    """Whether the text ends inside a part in which the model thinks."""
    text = _with_tags(text)
    return "<" in text and _visible(text)[1]


def _with_tags(text: str) -> str:
    """The text within its limit, with one kind of bracket around the marks of thinking."""
    if len(text) > MAX_CHARACTERS:
        text = text[:HEAD_CHARACTERS] + text[HEAD_CHARACTERS - MAX_CHARACTERS :]
    for written, tag in _AS_TAGS:
        text = text.replace(written, tag)
    return text


def _visible(text: str) -> tuple[str, bool]:
    """What stands outside marked parts, and whether the last part is still open.

    A closing mark without an opening one takes away all that stands before it.
    """
    kept: list[str] = []
    start: int | None = 0
    in_channel = False
    marks = 0
    for match in _MARK.finditer(text):
        kind = _KINDS.get(match[1].rstrip(" ").lower())
        if kind is None:
            continue
        marks += 1
        if marks > MAX_MARKS:
            return "", False
        end = match.end()
        if kind == "channel":
            final = _FINAL.match(text, end)
            kind, end = ("close", final.end()) if final else ("open", end)
            in_channel = True
        if kind == "turn":
            # A turn's end closes a channel; elsewhere it is an end token like any other.
            if in_channel and start is None:
                start = end
        elif kind == "close":
            if start is not None:
                kept.clear()
            start = end
        else:
            if start is not None:
                kept.append(text[start : match.start()])
            start = None
    if start is not None:
        kept.append(text[start:])
    return "\n".join(kept), start is None


def _after_bare_channels(text: str) -> str:
    if not _BARE_CHANNEL.match(text):
        return text
    _, found, rest = text.rpartition(_BARE_FINAL)
    return rest if found else ""


def _after_headings(text: str) -> str:
    """What follows the heading of the response, where the text begins with the heading of the thinking."""
    opening = text[:200].lower().lstrip()
    for thinking, response in _HEADINGS:
        if opening.startswith(thinking):
            place = text.lower().rfind(response)
            return text[place + len(response) :] if place >= 0 else ""
    return text
