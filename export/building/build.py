"""Export: a checkpoint becomes artifacts, each in a folder with a manifest, each past the parity gate."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from export.building.manifests import artifact_fallbacks, artifact_manifest, with_gate
from export.building.source import MODEL_FILES, Source, read_source
from export.chat_template import render_chat_template
from export.checkpoint import (
    load_tokenizer,
    read_config,
)
from export.gate.facts import Rounding, damaged_tensors, structure_faults
from export.gate.parity import GateLimits, GateReport, Spelling, add_faults, refuse_broken, run_gate
from export.gate.probes import AWKWARD_TEXTS, probe_problems
from export.gate.reference import Reference, checkpoint_reference, probe_tokens
from export.gguf.architectures import check_plain
from export.gguf.drafts import add_drafts
from export.gguf.facts import blocks_otherwise, gguf_facts
from export.gguf.gguf_file import gguf_chat_template, gguf_end_tokens, write_gguf
from export.gguf.importance import Calibration, importance_matrix
from export.gguf.layerwise import round_weights
from export.gguf.quantize import quantize_gguf
from export.onnx.decoder import (
    onnx_chat_template,
    onnx_end_tokens,
    write_onnx,
    write_onnx_over_gguf,
)
from export.onnx.facts import onnx_facts
from export.onnx.seq2seq import seq2seq_end_tokens, write_seq2seq
from export.targets import FOUR_BIT, GGUF_QUANTIZATIONS, Target, check_targets
from export.tokenizer import end_token
from runtime.engines.opening import open_engine
from runtime.values.errors import GateRefused, InputError
from runtime.values.files import whole_folder
from runtime.values.manifest import MANIFEST_FILE, Manifest, broken_files, read_manifest
from runtime.values.problem import Problem
from runtime.values.prompt import tidy_question

# Four bits move a distribution; sixteen and eight must not. Measured on students and base, see docs/experiments.
KL_LIMITS = {True: 0.35, False: 0.05}
Progress = Callable[[str], None]


def export_checkpoint(
    checkpoint: Path,
    targets: Sequence[Target],
    out: Path,
    *,
    calibration: Calibration | None = None,
    force: bool = False,
    progress: Progress = lambda note: None,
) -> list[Manifest]:
    """Write one artifact folder a target under `out`, each past the parity gate.

    An artifact of this very checkpoint and calibration that is already there is kept. Raises GateRefused, after
    removing what it made, when an artifact does not answer as the checkpoint does; `force` keeps it, with its report in
    the manifest. Raises InputError for a target that a student of this architecture has not.
    """
    source = replace(read_source(checkpoint), calibration=calibration)
    check_targets(targets, encoder_decoder=source.encoder_decoder)
    missing = [target for target in targets if not _is_done(source, target, out / target.folder_name)]
    if calibration and missing:
        source = _calibrated(source, calibration, missing, out, progress)
    if missing:
        progress("the checkpoint answers the probes")
        reference = checkpoint_reference(
            checkpoint, source.card, probe_problems(), lambda line: progress(f"  {line}")
        )
        # A GGUF first: an ONNX artifact over its weights takes it from there.
        for target in sorted(missing, key=lambda target: target.format != "gguf"):
            progress(f"{target}")
            _export(source, target, out / target.folder_name, reference, force=force, progress=progress)
    for target in targets:
        if target.format == "gguf" and calibration and calibration.thoughts:
            add_drafts(out / target.folder_name, calibration.thoughts)
    return [read_manifest(out / target.folder_name) for target in targets]


def _calibrated(
    source: Source, calibration: Calibration, targets: Sequence[Target], out: Path, progress: Progress
) -> Source:
    """The source with what the calibration texts say of its weights, as far as these targets ask for it."""
    texts = f"{len(calibration.texts)} rationales of {calibration.source}"
    roundings = {target: source.rounding(target) for target in targets}
    if "imatrix" in roundings.values():
        progress(f"the checkpoint reads {texts}")
        source = replace(source, importance=importance_matrix(source.folder, calibration))
    rounded = {}
    for target in (Target("gguf", target.quantization) for target, how in roundings.items() if how == "gptq"):
        if target.quantization in rounded or _is_done(source, target, out / target.folder_name):
            continue
        progress(f"the checkpoint is rounded to {target.quantization} for {texts}")
        rounded[target.quantization] = round_weights(
            source.folder,
            calibration,
            target.quantization,
            shared_head=source.shares_head(target.quantization),
            progress=lambda note: progress(f"  {note}"),
        )
    return replace(source, rounded=rounded)


def _is_done(source: Source, target: Target, folder: Path) -> bool:
    """Whether the artifact is there, of this very source, and whole; a damaged manifest is none."""
    if not (folder / MANIFEST_FILE).is_file():
        return False
    try:
        found, wanted = read_manifest(folder), source.calibration_row(target)
    except InputError:
        return False
    same_rounding = all(found.calibration.get(key) == wanted.get(key) for key in ("sha256", "rounding"))
    return found.parent == source.sha256 and same_rounding and not broken_files(folder)


def _export(
    source: Source, target: Target, folder: Path, reference: Reference, *, force: bool, progress: Progress
) -> None:
    with whole_folder(folder) as partial:
        manifest = write_unchecked(source, target, partial)
        if manifest.shared_head:
            progress("  head and embedding are two roundings of one matrix: one tensor for both")
        for fallback in artifact_fallbacks(target, partial):
            progress(f"  {fallback}")
        faults = _check_facts(source, target, partial, force=force)
        report = add_faults(_gate(source, target, partial, reference, progress), faults)
        others = {
            level: _gate(source, target, partial, reference, progress, accuracy_level=int(level))
            for level in list(manifest.accuracy_levels)[1:]
        }
        with_gate(manifest, report, others).save(partial)
        if not force:
            refuse_broken(report, str(target))
            for level, other in others.items():
                refuse_broken(other, f"{target} at accuracy level {level}")


def _check_facts(source: Source, target: Target, folder: Path, *, force: bool) -> list[str]:
    """What an artifact is made of otherwise than its checkpoint, by name.

    Raises GateRefused where it need not be run to be refused; of damaged tensors the answers shall say how much they
    matter, so those are left to the gate.
    """
    if source.encoder_decoder:
        return []
    shared_head = source.shares_head(target.quantization)
    if target.format == "gguf":
        facts = gguf_facts(folder / MODEL_FILES["gguf"], source.folder, shared_head=shared_head)
    else:
        norm_offset = check_plain(read_config(source.folder), source.folder).norm_offset
        facts = onnx_facts(folder, norm_offset=norm_offset, shared_head=shared_head)
    faults = structure_faults(facts, source.folder, source.card, (end_token(source.folder),))
    rounded = source.rounded.get(target.quantization)
    if rounded and target.format == "gguf":
        faults += blocks_otherwise(folder / MODEL_FILES["gguf"], source.folder, rounded)
    if faults and not force:
        raise GateRefused(f"{target} is not what its checkpoint is: {'; '.join(faults)}")
    return faults + damaged_tensors(facts, source.folder, rounding=_blocks_rounding(source, target))


def _blocks_rounding(source: Source, target: Target) -> Rounding:
    """The rounding that takes single blocks far off: compensated, or of a K-quant by an importance matrix."""
    rounding = source.rounding(target)
    if rounding == "gptq":
        return "gptq"
    return "weighed k-quant" if rounding and "_k" in target.quantization else ""


def write_unchecked(source: Source, target: Target, folder: Path) -> Manifest:
    """Write an artifact into a fresh folder without the parity gate: for measuring on the way, never to be published."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _write(source, target, folder)
    manifest = artifact_manifest(source, target, folder)
    manifest.save(folder)
    return manifest


def _write(source: Source, target: Target, folder: Path) -> None:
    if target.format == "gguf":
        _write_gguf(source, target.quantization, folder)
    elif source.encoder_decoder:
        write_seq2seq(source.folder, source.card, folder, target.quantization)
    elif target.quantization in GGUF_QUANTIZATIONS:
        with _gguf_of(source, target.quantization, folder.parent) as gguf:
            write_onnx_over_gguf(source.folder, source.card, folder, gguf)
    else:
        write_onnx(source.folder, source.card, folder, target.quantization)


def _write_gguf(source: Source, quantization: str, folder: Path) -> None:
    model, shared_head = folder / MODEL_FILES["gguf"], source.shares_head(quantization)
    if rounded := source.rounded.get(quantization):
        write_gguf(source.folder, source.card, model, shared_head=shared_head, rounded=rounded)
        return
    exact = folder / "exact.gguf"
    write_gguf(source.folder, source.card, exact, shared_head=shared_head)
    if quantization == "bf16":
        exact.replace(model)
    else:
        quantize_gguf(exact, model, quantization, source.importance)
        exact.unlink()


@contextmanager
def _gguf_of(source: Source, quantization: str, artifacts: Path) -> Iterator[Path]:
    """The GGUF of this checkpoint and calibration among these artifacts, or one that is made for the time being."""
    target = Target("gguf", quantization)
    there = artifacts / target.folder_name
    if _is_done(source, target, there):
        yield there / MODEL_FILES["gguf"]
        return
    with tempfile.TemporaryDirectory(dir=artifacts) as folder:
        _write_gguf(source, quantization, Path(folder))
        yield Path(folder) / MODEL_FILES["gguf"]


def _gate(
    source: Source,
    target: Target,
    folder: Path,
    reference: Reference,
    progress: Progress,
    *,
    accuracy_level: int | None = None,
) -> GateReport:
    problems = [probe.problem for probe in reference.probes]
    engine = open_engine(folder, accuracy_level=accuracy_level)
    try:
        return run_gate(
            engine,
            reference,
            thought=source.card.default_thought,
            spelling=_spelling(source, target, folder, problems),
            end_tokens=(end_token(source.folder),),
            expected_ids=list(_expected_ids(source.folder, reference)),
            max_tokens=probe_tokens(source.card),
            limits=GateLimits(
                mean_kl=KL_LIMITS[target.quantization in FOUR_BIT], fewer_right=max(2, 0.15 * len(problems))
            ),
            say=lambda line: progress(f"  {line}"),
        )
    finally:
        engine.close()


def _expected_ids(checkpoint: Path, reference: Reference) -> Iterator[tuple[str, list[int]]]:
    """Texts and the ids that training would give them: the probes, their answers, and awkward ones."""
    tokenizer = load_tokenizer(checkpoint)
    texts = [probe.problem.question for probe in reference.probes] + [
        probe.text for probe in reference.probes
    ]
    for text in (*texts, *AWKWARD_TEXTS):
        # An engine refuses the character that ends a C string; a model that writes it is compared without.
        text = text.replace("\0", "")
        yield text, list(tokenizer.encode(text, add_special_tokens=False))


def _spelling(source: Source, target: Target, folder: Path, problems: Sequence[Problem]) -> Spelling:
    """Render the artifact's own chat template, and read the artifact's own end tokens."""
    if target.format == "gguf":
        model = folder / MODEL_FILES["gguf"]
        template, end_tokens = gguf_chat_template(model), gguf_end_tokens(model)
    else:
        end_tokens_of = seq2seq_end_tokens if source.encoder_decoder else onnx_end_tokens
        template, end_tokens = onnx_chat_template(folder), end_tokens_of(folder)
    rendered = [
        render_chat_template(template, _conversation(problem.question), folder) for problem in problems
    ]
    return Spelling(tuple(rendered), end_tokens)


def _conversation(question: str) -> list[dict[str, str]]:
    return [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": f"  {tidy_question(question).replace('. ', '.  ')}\n"},
    ]
