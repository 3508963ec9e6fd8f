"""`steering_curve`: every number against one's own loop over prompts, and what it chooses."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw
from latentwidgets.adapters.readings import continuations_of
from latentwidgets.analysis import steering_runs
from latentwidgets.analysis.steering_result import SteeringCurve
from tests.unit.writers import CHAT, tokenizer, writer

PROMPTS = ["the cat was", "a dog ran and", "the bird", "the girl sang", "a big boy"]
STRENGTHS = [-2.0, 1.0, 2.0]


def made(**options: Any) -> Any:
    given = {"prompt": PROMPTS[0], "layer": 1, "max_new_tokens": 6, **options}
    return lw.as_space(writer(), tokenizer=tokenizer(chat=True), **given)


def direction(sigma: float = 20.0) -> lw.Direction:
    return lw.Direction("mood", np.random.default_rng(3).normal(size=16), sigma=sigma)


def very(texts: list[str]) -> list[int]:
    return [text.split().count("very") + text.split().count("the") for text in texts]


def curve(space: Any = None, **options: Any) -> SteeringCurve:
    given: dict[str, Any] = {"effect": very, "prompts": PROMPTS, "randoms": 0, **options}
    return lw.analysis.steering_curve(space or made(), direction(), STRENGTHS, [0, 2], **given)


def test_every_number_is_that_of_a_loop() -> None:
    space = made()
    found = curve(space, steer=["last", "all"], bootstraps=50)
    assert len(found.settings) == 12
    base = {
        prompt: continuations_of(space.at(prompt=prompt), np.zeros((1, 16)))[0]
        for prompt in PROMPTS
    }
    unsteered = np.array([very([one.text])[0] for one in base.values()])
    assert found.unsteered.effect == pytest.approx(unsteered.mean())
    assert found.unsteered.divergence == 0
    step = direction().move(np.zeros((1, 16)), 1.0)[0]
    for one in found.settings[1::3]:
        assert one.layer is not None
        each = []
        for prompt in PROMPTS:
            other: Any = lw.as_space(
                *(writer(),),
                tokenizer=tokenizer(),
                prompt=prompt,
                layer=one.layer,
                steer=one.steer,
                max_new_tokens=6,
            )
            each += continuations_of(other, [one.strength * step])
        effects = np.array(very([row.text for row in each]))
        change = effects - unsteered
        assert one.effect == pytest.approx(effects.mean())
        assert one.change == pytest.approx(change.mean())
        assert one.wrong_way == pytest.approx((change * np.sign(one.strength) < 0).mean())
        assert one.divergence == pytest.approx(np.mean([row.mean_divergence for row in each]), 1e-3)
        surprise = np.mean([row.mean_surprise for row in each])
        assert one.perplexity == pytest.approx(np.exp(surprise), 1e-3)
        assert one.repetition == pytest.approx(np.mean([row.repetition for row in each]))
        norm = abs(one.strength) * 20 / space.residual_norms()[one.layer]
        assert one.relative == pytest.approx(norm)
        assert one.example == each[0].text
        assert one.interval is not None
        assert one.interval[0] <= one.change <= one.interval[1]
        limits = found.limits
        beyond = one.perplexity > limits["perplexity"] or one.repetition > limits["repetition"]
        assert one.damaged == beyond
    assert {*found.limits} == {"perplexity", "repetition"}


def test_a_probe_reads_what_was_written() -> None:
    space = made()
    probe = lw.Direction("probe", np.random.default_rng(4).normal(size=16), offset=0.5)
    found = curve(space, effect=probe, effect_layer=3, effect_pool="last", bootstraps=0)
    for one in found.settings:
        values = []
        for prompt in PROMPTS:
            latents = [one.strength * direction().vector * 20]
            [text] = space.at(prompt=prompt).decode(latents, {"layer": one.layer})
            values.append(probe.measure(space.encode([text], {"layer": 3}))[0])
        assert one.effect == pytest.approx(np.mean(values), rel=1e-3, abs=1e-3)
    assert found.effect == "probe"


def test_what_cannot_be_read_is_counted() -> None:
    def some(texts: list[str]) -> list[float]:
        return [float("nan") if len(text) % 2 else 1.0 for text in texts]

    found = curve(effect=some, bootstraps=20)
    for one in found.settings:
        assert np.isnan(one.effect) or one.effect == 1
    assert any(0 < one.unread < 1 for one in found.settings)
    json.dumps(found.to_dict(), allow_nan=False)
    assert "nan" not in found._repr_html_()


def test_damage_by_chance_is_the_mean_of_that_by_random_directions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = []

    def run(plan: Any) -> Any:
        kept.append(steering_runs.run(plan))
        return kept[-1]

    monkeypatch.setattr("latentwidgets.analysis.steering.run", run)
    found = curve(randoms=2, bootstraps=0)
    for name, of in (("perplexity", "surprise"), ("repetition",) * 2, ("divergence",) * 2):
        mean = kept[0].damage[of][:, 1:].mean(axis=(0, 1))
        expected = np.exp(mean) if name == "perplexity" else mean
        chance = [getattr(one, f"{name}_chance") for one in found.settings]
        np.testing.assert_allclose(chance, expected)
        assert chance != [getattr(one, name) for one in found.settings]
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", found._repr_html_())
    assert f"{found.settings[-1].perplexity_chance:.1f}" in cells


def test_random_directions_say_what_chance_does() -> None:
    found = curve(randoms=2, bootstraps=0)
    other = curve(randoms=2, bootstraps=0)
    assert found == other
    assert all(one.chance is not None and one.chance >= 0 for one in found.settings)
    assert any(one.chance for one in found.settings)
    assert all(one.divergence_chance for one in found.settings)
    assert found.unsteered.perplexity_chance is None
    best = found.best
    assert found.warning is not None
    doubted = best is not None and best.setting.change <= 2 * (best.setting.chance or 0)
    assert ("hardly more than chance" in found.warning) == doubted
    assert "rests on only 5 prompts" in found.warning.lower()
    assert found.to_dict()["warning"] == found.warning
    # The direction itself is not touched by those beside it in the batch.
    plain = curve(bootstraps=0)
    assert [one.change for one in found.settings] == [one.change for one in plain.settings]
    assert plain.settings[0].chance is None
    assert plain.settings[0].wrong_way_chance is None


def test_a_plain_prompt_stands_beside_it() -> None:
    space = made()
    found = curve(space, plain_prompt="the very happy cat .", bootstraps=20)
    assert found.plain_prompt is not None
    texts = []
    for prompt in PROMPTS:
        texts += space.at(prompt=f"the very happy cat . {prompt}").decode(np.zeros((1, 16)))
    assert found.plain_prompt.effect == pytest.approx(np.mean(very(texts)))
    assert found.plain_prompt.divergence > 0
    assert found.plain_prompt.change == pytest.approx(
        found.plain_prompt.effect - found.unsteered.effect
    )
    same = curve(space, plain_prompt=lambda prompt: prompt, bootstraps=0).plain_prompt
    assert same is not None
    assert same.change == 0
    assert same.divergence == pytest.approx(0, abs=1e-6)


def test_directions_of_their_own_for_each_layer() -> None:
    space = made()
    both = {0: direction(10.0), 2: direction(30.0).flipped()}
    found = lw.analysis.steering_curve(
        space, both, [1.0], effect=very, prompts=PROMPTS[:2], randoms=0, bootstraps=0
    )
    assert found.layers == (0, 2)
    each = [
        lw.analysis.steering_curve(
            *(space, one, [1.0], [layer]),
            effect=very,
            prompts=PROMPTS[:2],
            randoms=0,
            bootstraps=0,
        ).settings[0]
        for layer, one in both.items()
    ]
    for one, alone in zip(found.settings, each, strict=True):
        assert (one.layer, one.example, one.relative) == (
            alone.layer,
            alone.example,
            alone.relative,
        )
        assert one.divergence == pytest.approx(alone.divergence, rel=1e-3)


def test_chats_and_the_prompt_of_the_space() -> None:
    found = curve(prompts=[CHAT, CHAT[:1]], plain_prompt="sang", bootstraps=0)
    assert found.prompts == 2
    alone = curve(prompts=None)
    assert alone.prompts == 1
    assert alone.settings[0].interval is None
    assert "Rests on only 1 prompt." in alone._repr_html_()


def test_each_prompt_draws_by_a_seed_of_its_own() -> None:
    space = made()
    texts: list[str] = []

    def noted(given: list[str]) -> list[int]:
        texts.extend(given)
        return very(given)

    prompts = [PROMPTS[0]] * 4
    curve(space, effect=noted, prompts=prompts, conditions={"temperature": 1.0, "seed": 998})
    settings = 2 * len(STRENGTHS)
    steered = [texts[-4 * settings - 4 :][i * settings] for i in range(4)]
    step = STRENGTHS[0] * direction().move(np.zeros((1, 16)), 1.0)
    wanted = [
        space.decode(step, {"layer": 0, "temperature": 1.0, "seed": seed})[0]
        for seed in (998, 999, 0, 1)
    ]
    assert steered == wanted
    assert len({*wanted}) > 1


def test_damage_begins_beyond_what_is_written_unsteered() -> None:
    space = made()
    zero = np.zeros((4, 16))
    limits = {}
    for temperature in (0.0, 0.3, 1.0, 1.5):
        found = curve(space, conditions={"temperature": temperature}, bootstraps=0, seed=0)
        limits[temperature] = np.log(found.limits["perplexity"])
        own = np.log(found.unsteered.perplexity)
        drawn = own
        if temperature != 1:  # four texts a prompt, by other seeds than those of the prompts
            drawn = np.mean(
                [
                    one.mean_surprise
                    for i, prompt in enumerate(PROMPTS)
                    for one in continuations_of(
                        space.at(prompt=prompt),
                        zero,
                        {"temperature": 1.0, "seed": [5 + 4 * i + k for k in range(4)]},
                    )
                ]
            )
        assert limits[temperature] == pytest.approx(max(drawn, own + 0.1))
        assert found.limits["repetition"] == pytest.approx(found.unsteered.repetition + 0.1)
    # Of texts far below what the model draws by itself, no slack is added to that.
    assert limits[0.3] == pytest.approx(limits[0.0])
    again = curve(space, conditions={"temperature": 1.0}, bootstraps=0, seed=7)
    assert np.log(again.limits["perplexity"]) == pytest.approx(limits[1.0])


@pytest.mark.slow
def test_the_range_without_damage_ends_before_the_first_that_does() -> None:
    found = curve(limits={"divergence": torch.tensor(1e9)}, bootstraps=0)
    free = dict.fromkeys(("perplexity", "repetition", "divergence"), 1000000000.0)
    assert curve(limits=free, bootstraps=0).range_without_damage(2) == (-2.0, 2.0)
    none = {"perplexity": 0.5, "repetition": -1.0}
    assert curve(limits=none, bootstraps=0).range_without_damage(2) == (0.0, 0.0)
    assert curve(limits=none, bootstraps=0).best is None
    assert found.limits["divergence"] == 1e9
    amounts = sorted(one.divergence for one in found.at(2) if one.strength > 0)
    part = curve(limits={**free, "divergence": np.array(np.mean(amounts))}, bootstraps=0)
    assert part.range_without_damage(2)[1] in (0.0, 1.0)
    with pytest.raises(lw.LatentValueError, match="layer 1 with steer='last' was not measured"):
        found.at(1)


@pytest.mark.slow
def test_negative_strengths_alone_are_chosen_among_too() -> None:
    def less(texts: list[str]) -> list[int]:
        return [-count for count in very(texts)]

    free = dict.fromkeys(("perplexity", "repetition"), 1000000000.0)
    options: dict[str, Any] = {"prompts": PROMPTS, "randoms": 0, "limits": free}
    space, mood = made(), direction()
    up = lw.analysis.steering_curve(space, mood, [1, 2], [0, 2], effect=less, **options).best
    down = lw.analysis.steering_curve(
        space, mood.flipped(), [-1, -2], [0, 2], effect=very, **options
    ).best
    assert (up is None) == (down is None)
    if up is not None and down is not None:
        assert up.setting.strength == -down.setting.strength
        assert up.held_out == pytest.approx(-(down.held_out or 0))


def test_it_is_drawn_and_shown() -> None:
    found = curve(steer=["last", "generated"], plain_prompt="very", randoms=1)
    axes = found.plot().axes
    assert len(axes) == 8
    assert axes[0].get_ylabel() == "change of very"
    assert axes[6].get_ylabel() == "repetition"
    repetition = [one.repetition for one in found.at(0, "last")]
    assert np.asarray(axes[6].lines[0].get_ydata()).tolist() == repetition
    table = found._repr_html_()
    rows = 1 + 2 + len(found.settings)
    assert table.count("<tr") == 3 * rows, "what is written and what it costs are folded away"
    assert table.index("<details>") > table.index("</table>")
    lines = str(found).splitlines()
    assert lines[0].split("  ")[0] == "layer, tokens, σ"
    assert [line.split("  ")[0] for line in lines[1:4]] == [
        *("unsteered", "plain prompt", "0, last, −2"),
    ]
    assert max(map(len, lines[:rows])) <= 80
    assert lines[rows] == "*: the best without damage."
    assert sum("*" in line for line in lines[:rows]) == 1
    assert lines[rows + 1].startswith("Steered along")
    assert "<" not in str(found)
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["settings"][0]["change"] == found.settings[0].change
    with pytest.raises(AttributeError):
        found.prompts = 3  # type: ignore[misc]


def test_the_legend_says_what_every_line_is() -> None:
    harmful = {"perplexity": 0.5, "repetition": 0.0}
    figure = curve(plain_prompt="very", randoms=1, limits=harmful).plot()
    [legend] = figure.legends
    assert [one.get_text() for one in legend.get_texts()] == [
        *("layer 0", "layer 2", "chance: random directions", "where damage begins"),
        *("damaged, by any of the three", "plain prompt"),
    ]
    figure.canvas.draw()
    ticks = [one.get_text() for one in figure.axes[1].get_yticklabels(which="both")]
    assert [one for one in ticks if one]
    assert not [one for one in ticks if "10^" in one or "$" in one]


def test_an_effect_that_fails_does_so_before_anything_is_steered() -> None:
    space: Any = made()
    steered: list[int] = []
    model = space.stream.module
    seen = model.register_forward_hook(lambda *_: steered.append(len(steered)))

    def mistaken(texts: list[str]) -> list[float]:
        raise ZeroDivisionError

    with pytest.raises(lw.LatentValueError, match="effect failed: ZeroDivisionError"):
        curve(space, effect=mistaken, steer=["last", "generated", "all"])
    failed = len(steered)
    curve(space, steer=["last", "generated", "all"])
    seen.remove()
    assert failed < (len(steered) - failed) / 5


def test_an_interrupt_leaves_nothing_behind() -> None:
    model = writer()
    space: Any = lw.as_space(
        model, tokenizer=tokenizer(), prompt=PROMPTS[0], layer=1, max_new_tokens=6
    )
    before = space.decode(np.zeros((1, 16)))
    calls = 0

    def interrupt(*_: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 30:
            raise KeyboardInterrupt

    handle = model.model.norm.register_forward_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        curve(space)
    handle.remove()
    ids = torch.tensor([[1, 6, 7]])
    with torch.no_grad():  # no hook of ours is left on it
        assert torch.equal(model(ids).logits, writer()(ids).logits)
    assert space.decode(np.zeros((1, 16))) == before


def test_bad_input_is_told() -> None:
    space = made()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"prompts": []}, "there are no prompts"),
        ({"prompts": CHAT}, "expected a list of chats"),
        ({"steer": "some"}, "expected one of 'last', 'generated', 'all'"),
        ({"steer": ["last", "last"]}, "each once"),
        ({"effect": 3}, "expected a function of texts"),
        ({"effect": lambda texts: [1.0]}, "expected a number or a truth value for each"),
        ({"effect": direction()}, "nothing says where it reads"),
        ({"effect": lw.Direction("x", [1.0]), "effect_layer": 2}, "measures latents of shape"),
        ({"limits": {"perplexit": 3}}, "Did you mean 'perplexity'"),
        ({"plain_prompt": "very", "prompts": None}, "expected prompts="),
        ({"plain_prompt": np.zeros(2)}, "plain_prompt is array.*expected a text"),
        ({"conditions": {"temprature": 1}}, "temperature"),
        ({"conditions": [1.0]}, "conditions are \\[1.0\\]; expected values by name"),
        ({"limits": [1.0]}, "limits are \\[1.0\\]; expected numbers by name"),
        ({"limits": {"repetition": [0.1, 0.2]}}, "limit of repetition is .*; expected a number"),
        (
            {"limits": {"repetition": [[0.1]]}},
            r"limit of repetition is \[\[0.1\]\]; expected a num",
        ),
        (
            {"limits": {"divergence": np.inf}},
            r"limit of divergence is inf; expected a number from .* to 1e\+09",
        ),
        ({"steer": [["last"]]}, "steer is \\['last'\\]; expected a text"),
        ({"prompts": {0: "the cat"}}, "prompts are a dict; expected a list of prompts"),
        ({"effect_pool": "sum"}, "effect_pool is 'sum'; expected one of 'mean', 'last'"),
        ({"effect": lambda: 0}, "effect failed: TypeError: .*a list of . texts"),
        ({"plain_prompt": lambda _: 1 / 0}, r"failed: ZeroDivisionError.*got prompts\[0\]"),
        (
            {"plain_prompt": lambda one: one if one == PROMPTS[0] else None},
            r"None for prompts\[1\]",
        ),
    ]
    for options, message in cases:
        with pytest.raises(lw.LatentWidgetsError, match=message):
            curve(space, **options)
    run: Any = lw.analysis.steering_curve
    with pytest.raises(lw.LatentValueError, match="not 0 alone"):
        run(space, direction(), [0.0], effect=very)
    with pytest.raises(lw.LatentTypeError, match="^strengths are a generator"):
        run(space, direction(), (one for one in [1.0]), effect=very)
    with pytest.raises(lw.LatentValueError, match="each once"):
        run(space, direction(), [1.0, 1.0], effect=very)
    with pytest.raises(lw.LatentValueError, match=r"strengths have shape \(1, 2\)"):
        run(space, direction(), [[1.0, 2.0]], effect=very)
    with pytest.raises(lw.LatentTypeError, match=r"directions\[0\]"):
        run(space, lw.Directions(direction()), [1.0], effect=very)
    with pytest.raises(lw.LatentValueError, match=r"expected \(16,\), those of one layer"):
        run(space, lw.Direction("x", np.ones((2, 16))), [1.0], effect=very)
    with pytest.raises(lw.LatentValueError, match="no direction for layer 3"):
        run(space, {1: direction()}, [1.0], [1, 3], effect=very)
    with pytest.raises(lw.LatentValueError, match="layers are counted from 0, and the last is 3"):
        run(space, direction(), [1.0], [4], effect=very)
    with pytest.raises(lw.LatentValueError, match="infin|finite"):
        run(space, direction(1e39), [1.0], effect=very, randoms=0)
