"""Subjects: what exactly is scored. A hash, and a line that holds all that an answer depends on beside the question."""

import hashlib

from benchmarks.scoring.external.gguf_models import external_manifest
from benchmarks.scoring.external.lm_eval import MAX_TOKENS as LM_EVAL_TOKENS
from benchmarks.scoring.external.lm_eval import SHOTS
from benchmarks.scoring.job import BenchSettings, Endpoint, Job, is_gguf
from benchmarks.scoring.scores import ModelInfo
from export.checkpoint_engine.opening import is_checkpoint, model_manifest
from runtime.answering.modes import SAMPLING, SCORED, thoughts_of
from runtime.engines.engine import Decoding
from runtime.engines.onnx.weights import complete_weights
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest, file_sha256
from runtime.values.prompt import Thought

DEFAULT_THOUGHT: Thought = "eot"
# A chat reply is prose, a few-shot thought is short.
UNTAUGHT_TOKENS = {"chat": 256, "few-shot": 128, "lm-eval": LM_EVAL_TOKENS}

# How replies are read; another number where the rules change, so that no answer read by older ones is kept.
READ = "strict and flexible, rules 2"
LM_EVAL_SETTINGS = f"lm-eval's gsm8k prompts, {SHOTS}-shot"


def subject_of(job: Job) -> ModelInfo:
    """What a job scores; raises InputError when the source cannot be asked so, or is not what its manifest says."""
    if isinstance(job.source, Endpoint):
        if job.settings.limits:
            raise InputError(
                f"profile {job.settings.limits.profile} for a model at an address; expected: none, it runs elsewhere"
            )
        return _endpoint_subject(job, job.source)
    if is_gguf(job.source):
        if job.settings.prompt_mode == "student":
            raise InputError(
                f"{job.source} is no student of ours; expected: --prompt-mode chat, few-shot or lm-eval, "
                "or an artifact folder"
            )
        manifest = external_manifest(job.source)
    else:
        manifest = checked_manifest(job)
    return ModelInfo(
        label=job.label,
        sha256=artifact_sha256(manifest),
        settings=settings_text(job.settings, manifest),
        bytes=manifest.bytes,
        profile=job.settings.limits.profile if job.settings.limits else "",
        notes=f"{manifest.format} {manifest.quantization}, {manifest.parameters / 1e6:.0f} M parameters",
    )


def checked_manifest(job: Job) -> Manifest:
    """The manifest of a job's artifact; raises InputError when its files are not those of its manifest."""
    assert not isinstance(job.source, Endpoint)
    manifest = model_manifest(job.source)
    if is_checkpoint(job.source):
        return manifest
    # What the package holds came without its largest file, which lies where it was made.
    folder = complete_weights(job.source, manifest)
    for name, digest in manifest.files.items():
        file = folder / name
        if not file.is_file() or file_sha256(file) != digest:
            raise InputError(
                f"{file} is missing or not the file that its manifest describes; expected: that file, export it again"
            )
    return manifest


def artifact_sha256(manifest: Manifest) -> str:
    """One hash over all of an artifact's files: an ONNX graph may stay while its weights change."""
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(manifest.files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _endpoint_subject(job: Job, endpoint: Endpoint) -> ModelInfo:
    """Weights behind an address are not seen: the hash is of address and name, and the notes say so."""
    if job.settings.prompt_mode == "student":
        raise InputError(
            "an endpoint is asked in raw mode; expected: --prompt-mode chat, few-shot or lm-eval"
        )
    return ModelInfo(
        label=job.label,
        sha256=hashlib.sha256(f"endpoint {endpoint.url} {endpoint.model}".encode()).hexdigest(),
        settings=", ".join(
            [settings_text(job.settings, None), *(f"{name}={value}" for name, value in endpoint.request)]
        ),
        notes=f"{endpoint.model} at {endpoint.url}; its weights are not seen, the hash is of address and name",
        remote=True,
    )


def settings_text(settings: BenchSettings, manifest: Manifest | None) -> str:
    """What an answer depends on beside artifact and question; the choice of problems is no part of it."""
    if settings.prompt_mode == "student":
        assert manifest is not None
        limit = manifest.max_tokens
    else:
        limit = baseline_decoding(settings).max_tokens
    parts = [_asked_how(settings, manifest), "greedy", f"at most {limit} tokens"]
    if settings.grammar:
        parts.append("held to the grammar")
    if manifest is not None:
        parts.append(f"{settings.threads} threads" if settings.threads else _default_threads(settings))
    if settings.streams > 1:
        parts.append(f"{settings.streams} at a time (times are shares)")
    if settings.deadline_ms is not None:
        parts.append(f"deadline {settings.deadline_ms:g} ms")
    if settings.tolerance != "exact":
        parts.append(f"tolerance {settings.tolerance}")
    return ", ".join(parts)


def _default_threads(settings: BenchSettings) -> str:
    return settings.limits.sentence() if settings.limits else "default threads"


def _asked_how(settings: BenchSettings, manifest: Manifest | None) -> str:
    thought = thought_of(settings, manifest)
    if settings.prompt_mode == "lm-eval":
        return LM_EVAL_SETTINGS
    if settings.prompt_mode == "chat":
        return f"zero-shot chat, {READ}"
    if settings.prompt_mode == "few-shot":
        shown = hashlib.sha256(repr(settings.exemplars).encode()).hexdigest()[:8]
        return f"{len(settings.exemplars)}-shot {thought}, {READ} (exemplars {shown})"
    if settings.mode == "fallback":
        return "pot, eot, cot until solved"
    if settings.mode in SCORED and manifest:
        thoughts = settings.thought or " and ".join(thoughts_of(manifest, settings.mode))
        return f"best of {settings.samples} over {thoughts}, as the scorer has it"
    if settings.mode in SAMPLING:
        thoughts = settings.thought or (" and ".join(manifest.thoughts) if manifest else thought)
        return f"{settings.mode} of {settings.samples} over {thoughts}"
    return thought


def thought_of(settings: BenchSettings, manifest: Manifest | None) -> Thought:
    """The thought that is asked for: the one set, else a student's own, else the one worked examples are written in."""
    own = manifest.default_thought if manifest and settings.prompt_mode == "student" else DEFAULT_THOUGHT
    return settings.thought or own


def baseline_decoding(settings: BenchSettings) -> Decoding:
    """Room for a model that is no student of ours."""
    return Decoding(max_tokens=settings.max_tokens or UNTAUGHT_TOKENS[settings.prompt_mode])
