"""What each thought may look like, one Lark file a thought: the one grammar source of every engine.

The files are written for llguidance's dialect of Lark, which `runtime.engines.grammar` turns into token masks.
"""

from pathlib import Path

from runtime.values.prompt import Thought


def grammar_text(thought: Thought) -> str:
    """The Lark grammar of one thought."""
    return Path(__file__).with_name(f"{thought}.lark").read_text(encoding="utf-8")
