"""LPIPS: how alike two pictures look, as a network trained on people's judgements says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.errors import MissingExtraError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LearnedSimilarity"]


class LearnedSimilarity:
    """Compares pictures by LPIPS, with the package of its authors.

    Parameters
    ----------
    network : {"alex", "vgg", "squeeze"}
        Whose features. Its weights are downloaded when it is first made.

    Raises
    ------
    MissingExtraError
        If the packages lpips and torchvision are not installed.

    References
    ----------
    Zhang et al. 2018, "The unreasonable effectiveness of deep features as a perceptual metric"
    (arXiv 1801.03924).
    """

    def __init__(self, network: str = "alex") -> None:
        try:
            import lpips
        except ImportError as error:
            raise MissingExtraError("lpips", "distance='lpips'") from error
        self._model: Any = lpips.LPIPS(net=network, verbose=False).eval()

    def __call__(self, a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
        """Compare pictures row by row.

        Parameters
        ----------
        a, b : ndarray
            ``(n, height, width, channels)``, from 0 to 1.

        Returns
        -------
        ndarray
            float64 ``(n,)``.
        """
        import torch

        def tensor(pictures: NDArray[Any]) -> torch.Tensor:
            colours = np.broadcast_to(pictures[..., :3], (*pictures.shape[:3], 3))
            first = np.moveaxis(2 * np.asarray(colours, np.float32) - 1, -1, 1)
            return torch.from_numpy(np.ascontiguousarray(first))

        with torch.no_grad():
            found = self._model(tensor(a), tensor(b))
        return found.double().numpy().reshape(len(a))  # type: ignore[no-any-return]
