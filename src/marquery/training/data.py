"""Training images: read, brought to a square, augmented, each with the seed of its draw."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import torch
from torch.utils.data import DataLoader, Dataset

from marquery.arrays import UInt8Array
from marquery.augment import Subject
from marquery.encoder.preprocess import to_square
from marquery.errors import ImageError
from marquery.lru import LruCache
from marquery.sampling import UNLABELLED, Draw, Role, StepBatches
from marquery.training.augmentation import Augmentation
from marquery.training.compositions import composition

# Views of a logo come side by side in a batch, compositions of its logos at the end: reading and
# segmenting a logo once serves them all. So many are kept, or as many as have so many pixels: some
# 75 MB in each worker.
_LEAST_KEPT, _KEPT_PIXELS = 32, 5_000_000

# An unreadable file comes out as its error: raised in a worker process it would lose its words.
Item = tuple[torch.Tensor, int] | ImageError
Batch = tuple[torch.Tensor, torch.Tensor]


class TrainingImages(Dataset[Item]):
    """The logos of a training set, addressed by :class:`~marquery.sampling.Draw`.

    Args:
        files: image files.
        image_size: side in pixels of what comes out.
        augmentations: what happens to items of each role.
        stack_lockups: see :func:`marquery.encoder.preprocess.to_square`.
    """

    def __init__(
        self,
        files: Sequence[Path],
        image_size: int,
        augmentations: Mapping[Role, Augmentation],
        stack_lockups: bool = False,
    ) -> None:
        self.files = list(files)
        self.image_size = image_size
        self.augmentations = dict(augmentations)
        self.stack_lockups = stack_lockups
        most = max(_LEAST_KEPT, _KEPT_PIXELS // image_size**2)
        self._kept = LruCache[int, Subject](most)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, draw: Draw) -> Item:
        """The augmented logo of a draw, uint8 (3, S, S), and its label; the draw's seed decides
        all.

        Of a file that cannot be read, the error.
        """
        try:
            subject = self._subject(draw.logo)
            donors = [self._subject(donor).pixels for donor in draw.donors]
        except ImageError as error:
            return error
        # The global generator is torchvision's only one; forked, so that nobody else notices.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(draw.seed)
            composed = composition(subject, donors) if donors else None
            if composed is not None:
                subject = Subject(composed)
            pixels = self.augmentations[draw.role](subject, self.image_size)
        label = draw.label if composed is None else UNLABELLED
        return torch.from_numpy(pixels).permute(2, 0, 1), label

    def _subject(self, logo: int) -> Subject:
        return self._kept.get_or_make(logo, lambda: Subject(self._read(logo)))

    def _read(self, logo: int) -> UInt8Array:
        return to_square(self.files[logo], self.image_size, self.stack_lockups)


def make_loader(
    images: TrainingImages, batches: StepBatches, workers: int
) -> DataLoader[Batch | ImageError]:
    """Batches of uint8 images (B, 3, S, S) and int64 labels (B,), in the order of the steps.

    In the place of a batch with an unreadable file comes the error.

    Args:
        images: the training set.
        batches: draws of each step.
        workers: processes that read images; 0: this one does.
    """
    # The stub knows only loaders whose batches have the items' type.
    return DataLoader(
        cast("Dataset[Batch | ImageError]", images),
        batch_sampler=batches,
        num_workers=workers,
        collate_fn=_collate,
        prefetch_factor=4 if workers else None,
        worker_init_fn=_one_thread if workers else None,
    )


def _collate(items: Sequence[Item]) -> Batch | ImageError:
    for item in items:
        if isinstance(item, ImageError):
            return item
    read = cast("Sequence[tuple[torch.Tensor, int]]", items)
    # Stacked channels-last, as the network reads them.
    pixels = torch.stack([pixels.permute(1, 2, 0) for pixels, _ in read]).permute(0, 3, 1, 2)
    return pixels, torch.tensor([label for _, label in read], dtype=torch.int64)


def _one_thread(_: int) -> None:
    torch.set_num_threads(1)
