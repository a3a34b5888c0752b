"""An adapter as llama.cpp loads it beside a model: what its `convert_lora_to_gguf.py` writes, through the `gguf` package.

It fits a GGUF of its base in any quantisation and with any vocabulary: it touches neither embedding nor head.
"""

from pathlib import Path

from export.adapters.adapter import read_adapter
from export.checkpoint import read_config, require_build
from export.gguf.architectures import check_plain
from runtime.values.errors import InputError
from runtime.values.files import whole_file


def write_lora_gguf(folder: Path, base: Path, out: Path) -> None:
    """Write an adapter of the checkpoint `base` as a GGUF file, in float32: what merging would add, to the bit.

    Raises InputError for an adapter of weights that a base of this architecture has not in its blocks.
    """
    require_build()
    import gguf

    config, adapter = read_config(base), read_adapter(folder)
    architecture = check_plain(config, base)
    names = architecture.names(config["num_hidden_layers"], tied=True)
    if odd := [name for name in adapter.pairs if not names.get(name, "").startswith("blk.")]:
        raise InputError(f"{folder} changes {odd[0]}; expected: weights of the blocks of {base} alone")
    with whole_file(out) as partial:
        writer = gguf.GGUFWriter(partial, architecture.name)
        writer.add_type(gguf.GGUFType.ADAPTER)
        writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
        # llama.cpp multiplies by alpha over the rank.
        writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, adapter.scale * adapter.rank)
        for name, (down, up) in adapter.pairs.items():
            writer.add_tensor(f"{names[name]}.lora_a", down.numpy())
            # Rows that are laid out otherwise in GGUF are B's; A's columns are the weight's own.
            rows = architecture.to_gguf(name, up.numpy(), config)
            writer.add_tensor(f"{names[name]}.lora_b", rows)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
