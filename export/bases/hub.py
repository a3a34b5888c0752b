"""A base's files from the Hugging Face hub, by `huggingface_hub`, which goes on where a download was stopped."""

from collections.abc import Iterable
from pathlib import Path

from export.bases.table import BaseFile, Source
from runtime.values.errors import InputError, MissingExtra

ANSWER_WITHIN_S = 10.0


def fetch_from_hub(source: Source, files: Iterable[BaseFile], folder: Path) -> None:
    """Download a repository's files into `folder`; raises MissingExtra or InputError, naming the file."""
    try:
        from huggingface_hub import constants, hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError
        from huggingface_hub.utils import get_session
    except ImportError as error:
        raise MissingExtra("the hub needs huggingface_hub: pip install huggingface_hub") from error
    assert source.hub is not None
    try:
        # Without a network the library would try for a minute, and say so each time.
        get_session().head(constants.ENDPOINT, timeout=ANSWER_WITHIN_S)
    except OSError as error:
        raise InputError(
            f"{constants.ENDPOINT} cannot be reached ({type(error).__name__}); expected: a network, or --source FOLDER "
            "with the files"
        ) from error
    for file in files:
        try:
            hf_hub_download(
                source.hub,
                file.name,
                revision=source.revision,
                local_dir=folder,
                etag_timeout=ANSWER_WITHIN_S,
            )
        # No network, a file that is not there, a licence to agree to first: its errors are all of these kinds.
        except (HfHubHTTPError, OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"{source.hub}: {file.name} could not be downloaded ({reason}); expected: access to it, or --source "
                "FOLDER with the files"
            ) from error
