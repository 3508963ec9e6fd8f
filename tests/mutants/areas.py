"""What is mutated, area by area, and which tests stay out of it."""

from __future__ import annotations

PACKAGE = "latentwidgets"

# Files of the package; a star stands for all of a folder.
AREAS = {
    "paths": ("routes/gaussian.py", "routes/path.py", "routes/segments.py"),
    "evidence": (
        "directions/chance.py",
        "directions/evidence.py",
        "directions/label_scores.py",
        "directions/samples.py",
        "directions/scoring.py",
        "directions/weights.py",
    ),
    "directions": (
        "directions/axes.py",
        "directions/components.py",
        "directions/ica_and_sparse_pca.py",
        "directions/differences.py",
        "directions/effects.py",
        "directions/holding.py",
        "directions/linear.py",
        "directions/local.py",
        "directions/logistic.py",
        "directions/means.py",
        "directions/moving.py",
        "directions/principal.py",
        "directions/probes.py",
        "directions/profiles.py",
        "directions/selections.py",
    ),
    "priors": ("space/priors.py",),
    "grids": ("routes/condition_axes.py", "routes/*grid*.py"),
    "projections": (
        "routes/embedding.py",
        "routes/map_plane.py",
        "routes/neighbours.py",
        "routes/projection.py",
    ),
    "retrieval": ("adapters/retrieval.py", "common/nearest.py"),
    "outputs": ("kinds/reading/*.py",),
    "messages": ("engine/messages.py", "engine/parsing.py"),
    "cache": ("engine/cache.py", "common/pace.py"),
    "history": ("widgets/explorer/history.py",),
}

# Tests that read the source, train, know other libraries' models, wait for other processes, or
# fail on a machine that is busy.
LEFT_OUT = (
    "adapters_sklearn",
    "adapters_style_generator",
    "adapters_torch",
    "code",
    "demo",
    "demo_diffusion",
    "forks",
    "fuzz",
    "imports",
    "keywords",
    "language",
    "language_encode",
    "language_refused",
    "language_widgets",
    "locks",
    "long_fits",
    "lora",
    "map_in_threads",
    "mutants",
    "new_kind",
    "page",
    "pipelines",
    "pipelines_bottleneck",
    "pipelines_inverted",
    "pipelines_prompts",
    "pipelines_refused",
    "repository",
    "residual",
    "torch_latent_shapes",
    "torch_modes",
)
# Counts the calls between a warning and the person's line: mutmut adds some.
DESELECTED = ("test_image_format.py::test_warnings_point_to_the_persons_own_line",)
PYTEST = (
    "-ptests.mutants.kept_values",
    "--timeout=60",
    "--hypothesis-seed=0",
    *(f"--ignore=tests/unit/test_{name}.py" for name in LEFT_OUT),
    *(f"--deselect=tests/unit/{name}" for name in DESELECTED),
)
EXAMPLES = {"tests/unit/test_examples.py": "tests/mutants/examples.py"}
