"""What `edgethought export` does."""

from pathlib import Path

from edgethought.stages.progress import say


def export_command(checkpoint: Path, to: str, out: Path, *, force: bool) -> None:
    """Export a checkpoint and print one line an artifact."""
    from export.build import export_checkpoint
    from export.targets import parse_targets

    targets = parse_targets(to)
    manifests = export_checkpoint(
        checkpoint, targets, out, force=force, progress=lambda note: say(f"  {note}")
    )
    for target, manifest in zip(targets, manifests, strict=True):
        gate = manifest.gate
        verdict = (
            "passed the gate" if not gate["broken"] else f"REFUSED by the gate: {'; '.join(gate['broken'])}"
        )
        print(
            f"{out / target.folder_name}  {manifest.bytes / 1e6:.1f} MB  {verdict}  "
            f"(KL {gate['mean_kl']:.4f} nats a token, {gate['same_greedy_text']} of {gate['probes']} answers the same, "
            f"{gate['right_artifact']} right where the checkpoint has {gate['right_checkpoint']})"
        )
