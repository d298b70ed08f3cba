"""Items shared out to workers, some of which end them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.embedding.spreading import spread
from marquery.errors import ImageError
from marquery.processes import WorkerDied


class Workers:
    """Answers 10 times an item; a task that holds a deadly one has no answer."""

    def __init__(self, deadly, signal=9):
        self.deadly, self.signal, self.sizes = deadly, signal, []

    def map(self, tasks):
        for task in tasks:
            self.sizes.append(len(task))
            if self.deadly & set(task):
                raise WorkerDied(self.signal)
            yield [10 * item for item in task]


def answers(workers, items, size):
    return list(spread(workers, items, size, path_of=str, failed=lambda item, why: (item, why)))


@given(st.integers(0, 20), st.sets(st.integers(0, 19)), st.integers(1, 7))
def test_each_item_has_one_answer_and_the_deadly_ones_are_set_aside(count, deadly, size):
    workers = Workers(deadly)
    found = answers(workers, range(count), size)
    told = [answer if isinstance(answer, int) else 10 * answer[0] for answer in found]
    assert told == [10 * item for item in range(count)]
    assert {answer[0] for answer in found if isinstance(answer, tuple)} == deadly & set(
        range(count)
    )
    assert max(workers.sizes, default=0) <= size


@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        (11, "7: ended the process that read it (signal 11)"),
        (0, "7: ended the process that read it"),
    ],
)
def test_the_reason_names_the_file_and_is_not_for_ever(signal, reason):
    ((item, error),) = answers(Workers({7}, signal), [7], 4)
    assert (item, str(error)) == (7, reason)
    assert isinstance(error, ImageError)
    assert error.passing
