"""What a run is made of: its recipe, its folder, the names of its files, and the base it is measured against."""

from dataclasses import dataclass
from pathlib import Path

from edgethought.stages.recipe import Recipe
from edgethought.stages.run_folder import RunFolder
from runtime.values.environment import home_folder

RATIONALES, STUDENT, ARTIFACTS, SAMPLES = "rationales", "student", "artifacts", "samples.jsonl"
# By whether the base is an encoder-decoder: llama.cpp has no path for those in Python.
BASE_TARGETS = {False: "gguf:q4_0", True: "onnx:int8"}


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its recipe under a name, and its folder."""

    name: str
    recipe: Recipe
    folder: RunFolder
    command: str

    @property
    def path(self) -> Path:
        """The folder on disk."""
        return self.folder.path


def base_artifact(run: Run) -> Path:
    """The untouched base as an artifact, made once a machine."""
    from export.bases.base import base_checkpoint
    from export.build import export_checkpoint
    from export.checkpoint import is_encoder_decoder
    from export.targets import parse_targets

    checkpoint = base_checkpoint(run.recipe.train.base)
    (target,) = parse_targets(BASE_TARGETS[is_encoder_decoder(checkpoint)])
    out = home_folder() / "artifacts" / checkpoint.name
    export_checkpoint(checkpoint, [target], out)
    return out / target.folder_name
