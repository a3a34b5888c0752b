"""Modes: how many thoughts answer one question, and in what order."""

from typing import Literal, get_args

from runtime.prompt import Thought

# `single` writes one thought; `fallback` goes on to the next until one is solved (EoTD, arXiv 2401.11864).
Mode = Literal["single", "fallback"]
MODES: tuple[Mode, ...] = get_args(Mode)
FALLBACK_ORDER: tuple[Thought, ...] = ("pot", "eot", "cot")
