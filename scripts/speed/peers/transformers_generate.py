"""transformers' `generate` on the checkpoint itself, bfloat16, greedy: what people have before any export."""

import sys

import torch
import transformers

from scripts.speed.peers.serving import Request, serve


def main(checkpoint: str, threads: int) -> None:
    """Answer until standard input closes."""
    torch.set_num_threads(threads)
    model = transformers.AutoModelForCausalLM.from_pretrained(checkpoint, torch_dtype=torch.bfloat16).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(checkpoint)

    def answer(request: Request) -> tuple[str, int, float | None]:
        prompt = torch.tensor([request.ids])
        with torch.inference_mode():
            written = model.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                max_new_tokens=request.max_tokens,
                do_sample=False,
                eos_token_id=list(request.end),
                pad_token_id=request.end[0],
            )
        ids = [token for token in written[0, len(request.ids) :].tolist() if token not in request.end]
        return tokenizer.decode(ids), len(ids), None

    serve(f"transformers {transformers.__version__}", answer)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
