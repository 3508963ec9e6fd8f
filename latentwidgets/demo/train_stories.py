"""Make the model of `latentwidgets.demo.stories`.

``python -m latentwidgets.demo.train_stories`` writes the folder ``stories_llama`` beside this
file, measures it, and writes what it found into ``README.md``. The same seed gives the same weights
on the same machine with the same versions of the libraries.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import transformers
from tqdm.auto import trange  # type: ignore[import-untyped, unused-ignore]

from latentwidgets._version import __version__
from latentwidgets.demo.card import CARD, write_table
from latentwidgets.demo.story_grammar import ATTRIBUTES
from latentwidgets.demo.story_model import (
    CONTEXT,
    FOLDER,
    load_model,
    load_tokenizer,
    make_model,
    make_tokenizer,
)
from latentwidgets.demo.story_scores import evaluate
from latentwidgets.demo.story_writer import draw_stories
from latentwidgets.demo.train_digits import one_thread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

__all__ = ["main", "table", "train"]

STEPS = 1200
BATCH = 64
PEAK_LEARNING_RATE = 3e-3
# How many of the words are hidden in training, so that the model takes words that it does not know.
HIDDEN = 0.01
# What the loss does not count, as torch has it.
IGNORED = -100


def train(*, seed: int = 0, steps: int = STEPS) -> tuple[Any, Any]:
    """Train the model. No story is seen twice.

    Parameters
    ----------
    seed : int
        For the stories, the first weights and the words that are hidden.
    steps : int
        How often weights change, each time by a batch.

    Returns
    -------
    model : transformers.LlamaForCausalLM
        In evaluation mode.
    tokenizer : transformers.PreTrainedTokenizerFast
        Its tokenizer.
    """
    tokenizer = make_tokenizer()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = make_model().train()
        optimizer = torch.optim.AdamW(model.parameters(), weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, PEAK_LEARNING_RATE, total_steps=steps, pct_start=0.1
        )
        stories, _ = draw_stories(random.Random(seed), steps * BATCH)
        progress = trange(steps, desc="Training", unit="step")
        for step in progress:
            tokens = _tokens(tokenizer, stories[step * BATCH : (step + 1) * BATCH])
            labels = torch.where(tokens == tokenizer.pad_token_id, IGNORED, tokens)
            hidden = (torch.rand(tokens.shape) < HIDDEN) & (tokens != tokenizer.bos_token_id)
            given = torch.where(hidden, tokenizer.unk_token_id, tokens)
            loss = model(input_ids=given, labels=labels).loss
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            if step % 50 == 0:
                progress.set_postfix(loss=f"{loss.item():.3f}")
    return model.eval(), tokenizer


def _tokens(tokenizer: Any, stories: Sequence[str]) -> Tensor:
    """Give the tokens of whole stories with their ends, padded on the right, ``(n, longest)``."""
    rows = [[*row, tokenizer.eos_token_id] for row in tokenizer([*stories]).input_ids]
    longest = max(map(len, rows))
    assert longest <= CONTEXT
    padded = [row + [tokenizer.pad_token_id] * (longest - len(row)) for row in rows]
    return torch.tensor(padded)


def table(scores: Mapping[str, Any]) -> str:
    """Lay out what `evaluate` found, as the card has it.

    Parameters
    ----------
    scores : mapping
        Of `latentwidgets.demo.story_scores.evaluate`.

    Returns
    -------
    str
        Markdown.
    """
    lines = ["| attribute | chance | carried | last token, best block | mean, best block |"]
    lines += ["| --- | --- | --- | --- | --- |"]
    for name, values in ATTRIBUTES.items():
        cells = [name, f"{1 / len(values):.2f}", f"{scores['carried'][name]:.3f}"]
        for pool in zip(*scores["probes"][name], strict=True):
            cells.append(f"{max(pool):.3f}, block {pool.index(max(pool))}")
        lines.append(f"| {' | '.join(cells)} |")
    steering, written = scores["steering"], scores["written"]
    lines += [
        "",
        "The same accuracies after every block:",
        "",
        *_by_block(scores["probes"]),
        "",
        f"Of 300 stories of its own, {written['parsed']:.3f} of the sentences are the grammar's;",
        f"in {written['contradicted']:.3f} of the stories an attribute is told in two ways.",
        "",
        f"Moods, steered after block {steering['layer']} with {steering['strength']} times the "
        "difference of means:",
        "",
        f"| tokens | steered | {' | '.join(ATTRIBUTES['mood'])} | sentences that parse |",
        f"| --- | --- | {'--- | ' * len(ATTRIBUTES['mood'])}--- |",
    ]
    for name, found in steering.items():
        if isinstance(found, dict):
            numbers = [*found["shares"], found["parsed"]]
            cells = [*name.split(", "), *(f"{number:.3f}" for number in numbers)]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _by_block(probes: Mapping[str, Any]) -> list[str]:
    """Lay out the accuracy of each probe: a row an attribute and pooling, a column a block."""
    blocks = range(len(next(iter(probes.values()))))
    lines = [f"| attribute | read from | {' | '.join(f'block {block}' for block in blocks)} |"]
    lines.append(f"| --- | --- |{' --- |' * len(blocks)}")
    for name, found in probes.items():
        for pool, scores in zip(("last token", "mean"), zip(*found, strict=True), strict=True):
            cells = [name, pool, *(f"{score:.3f}" for score in scores)]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, write the folder, measure it as it was written, and put the numbers into the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--output", type=Path, default=FOLDER)
    parser.add_argument(
        "--measure", action="store_true", help="do not train, measure what is there"
    )
    options = parser.parse_args(arguments)
    with one_thread():
        if not options.measure:
            model, tokenizer = train(seed=options.seed, steps=options.steps)
            # Half precision halves the file. What is measured is what was written.
            model.half().save_pretrained(options.output)
            tokenizer.save_pretrained(options.output)
        scores = evaluate(load_model(options.output), load_tokenizer(options.output))
    provenance = {
        "data": "latentwidgets.demo.story_grammar",
        "script": "latentwidgets.demo.train_stories",
        "package": f"latentwidgets {__version__}",
        "versions": f"Python {platform.python_version()}, torch {torch.__version__}, "
        f"transformers {transformers.__version__}",
        "seed": options.seed,
        "steps": options.steps,
        "scores": scores,
    }
    text = json.dumps(provenance, indent=2)
    (options.output / "provenance.json").write_text(text + "\n", encoding="utf-8")
    if options.output == FOLDER:
        write_table(CARD, "train_stories", table(scores))
    print(table(scores))


if __name__ == "__main__":
    main()
