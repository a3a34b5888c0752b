"""What a reply says: the thought in it, the questions, the notes; or, in a word, why there is none."""

import json
import re
from collections.abc import Mapping
from typing import Any

from distill.teachers.chat.model import Reply
from runtime.values.prompt import TAGS, Thought
from runtime.values.rationale import Declined

# The server's word for an end that is none.
UNFINISHED = {"length": "length", "content_filter": "content_filter"}
_REASONING = re.compile(r"<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"```[\w+-]*[ \t]*\n(.*?)```", re.DOTALL)
_REFUSING = re.compile(
    r"(i['’]?m (very |really |truly )?sorry|i apologi[sz]e|sorry|as an ai\b"
    r"|i (cannot|can['’]?t|am unable to|am not able to|will not|won['’]?t)\b)",
    re.IGNORECASE,
)
# Words that English of any length has some of, and that few other languages have.
_ENGLISH = frozenset(
    re.findall(r"\w+", "the of and is are was to has have had how many much each he she they his her")
)
_FEW_WORDS = 8
_QUOTED = 120


def complete_text(reply: Reply) -> str | Declined:
    """A reply's text where it came to its end and says anything, reasoning that a model shows left out."""
    if reply.refusal:
        return Declined("refusal", _line(reply.refusal))
    if reason := UNFINISHED.get(reply.finish_reason):
        return Declined(reason, _line(reply.text[-_QUOTED:]))
    text = _REASONING.sub("", reply.text).strip()
    if not text:
        return Declined("empty_reply")
    if _REFUSING.match(text):
        return Declined("refusal", _line(text))
    return text


def thought_text(reply: Reply, thought: Thought) -> str | Declined:
    """The thought that a reply holds: its last fenced block, else all of it, without a tag line."""
    text = complete_text(reply)
    if isinstance(text, Declined):
        return text
    fenced = _FENCED.findall(text)
    if fenced and thought != "cot":
        text = fenced[-1]
    text = "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
    text = text.removeprefix(TAGS[thought]).strip("\n ")
    if not text:
        return Declined("empty_reply")
    if other_language(text, prose=thought == "cot"):
        return Declined("other_language", _line(text))
    return text


def json_reply(reply: Reply, schema: Mapping[str, Any]) -> dict[str, Any] | Declined:
    """The JSON object of a reply, as its schema wants it; a fence or words around it are no matter."""
    text = complete_text(reply)
    if isinstance(text, Declined):
        return text
    begin, end = text.find("{"), text.rfind("}")
    try:
        value = json.loads(text[begin : end + 1]) if 0 <= begin < end else None
    except (ValueError, RecursionError):
        value = None
    if value is None:
        return Declined("no_json", _line(text))
    if fault := _misfit(value, schema, "reply"):
        return Declined("wrong_schema", fault)
    return dict(value)


def _misfit(value: Any, schema: Mapping[str, Any], place: str) -> str:
    """Where a value is not as the schema says, in words; empty where it is. Knows objects, lists and texts."""
    kind = schema["type"]
    if kind == "string":
        return "" if isinstance(value, str) and value.strip() else f"{place} is no text"
    if kind == "array":
        if not isinstance(value, list) or not value:
            return f"{place} is no list"
        faults = (_misfit(item, schema["items"], f"{place}[{at}]") for at, item in enumerate(value))
    else:
        if not isinstance(value, dict):
            return f"{place} is no object"
        faults = (
            _misfit(value[name], inner, name) if name in value else f"{name} is missing"
            for name, inner in schema["properties"].items()
        )
    return next(filter(None, faults), "")


def other_language(text: str, *, prose: bool = True) -> bool:
    """Whether a text is not English: another script, or sentences without a word that English cannot do without."""
    letters = [character for character in text if character.isalpha()]
    if 3 * sum(not letter.isascii() for letter in letters) > len(letters):
        return True
    words = re.findall(r"[^\W\d_]+", text.lower()) if prose else []
    return len(words) >= _FEW_WORDS and not _ENGLISH & set(words)


def _line(text: str) -> str:
    return " ".join(text.split())[:_QUOTED]
