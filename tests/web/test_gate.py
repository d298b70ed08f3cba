"""A bounded queue: some run, some wait in order, the rest are put off."""

import threading
import time

import pytest

from marquery.web.examiner.gate import BusyError, Gate


def start(gate, done, name, hold, patient=False):
    def work():
        try:
            with gate.patiently() if patient else gate:
                done.append(name)
                hold.wait(10)
        except BusyError as error:
            done.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def until(what):
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_they_come_in_as_they_came_and_no_more_than_may_at_once():
    gate, inside, most, order = Gate("jobs", running=2), [0], [0], []
    lock = threading.Lock()

    def work(number):
        with gate:
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                order.append(number)
            time.sleep(0.002)
            with lock:
                inside[0] -= 1

    threads = []
    hold = threading.Event()
    blockers = [start(gate, [], n, hold) for n in range(2)]
    until(lambda: not gate._free)
    for number in range(12):
        threads.append(threading.Thread(target=work, args=(number,)))
        threads[-1].start()
        until(lambda n=number: len(gate._queue) == n + 1)
    hold.set()
    for thread in (*blockers, *threads):
        thread.join(10)
    assert most[0] == 2
    # Two that are let in together may note themselves in either order.
    assert all(abs(place - number) <= 1 for place, number in enumerate(order))
    assert sorted(order) == list(range(12))


def test_too_many_are_put_off_at_once_and_told_when_to_ask_again():
    gate, hold, done = Gate("searches", waiting=1, pause=3), threading.Event(), []
    first = start(gate, done, "first", hold)
    until(lambda: done == ["first"])
    second = start(gate, done, "second", hold)
    until(lambda: gate._queue)
    with pytest.raises(BusyError, match=r"too many searches .* ask again in 3 s") as refused, gate:
        pass
    assert refused.value.seconds == 3
    patient = start(gate, done, "patient", hold, patient=True)
    until(lambda: len(gate._queue) == 2)
    hold.set()
    for thread in (first, second, patient):
        thread.join(10)
    assert done == ["first", "second", "patient"]
    with gate:  # all places are given back
        pass


def test_who_waited_too_long_is_put_off_and_takes_no_place():
    gate, hold, done = Gate("jobs", patience=0.05), threading.Event(), []
    first = start(gate, done, "first", hold)
    until(lambda: done == ["first"])
    with pytest.raises(BusyError), gate:
        pass
    assert not gate._queue
    hold.set()
    first.join(10)
    with gate:
        pass


def test_a_failure_inside_gives_the_place_back():
    gate = Gate("jobs", waiting=0)
    with pytest.raises(RuntimeError), gate:
        raise RuntimeError
    with gate:
        pass


def test_who_gives_way_comes_in_after_all_others():
    gate, hold, done = Gate("jobs"), threading.Event(), []
    threads = [start(gate, done, "first", hold)]
    until(lambda: done == ["first"])
    threads.append(start(gate.giving_way(), done, "long", hold))
    until(lambda: gate._behind)
    for name in ("second", "third"):
        threads.append(start(gate, done, name, hold))
        until(lambda: len(gate._queue) == len(threads) - 2)
    hold.set()
    for thread in threads:
        thread.join(10)
    assert done == ["first", "second", "third", "long"]
    assert gate._free == 1


def test_who_gives_way_lets_four_pass():
    gate, hold, done = Gate("jobs"), threading.Event(), []
    threads = [start(gate, done, "first", hold)]
    until(lambda: done == ["first"])
    for number in range(6):
        threads.append(start(gate, done, number, hold))
        until(lambda n=number: len(gate._queue) == n + 1)
    threads.append(start(gate.giving_way(), done, "long", hold))
    until(lambda: gate._behind)
    hold.set()
    for thread in threads:
        thread.join(10)
    assert done == ["first", 0, 1, 2, 3, "long", 4, 5]


def test_who_is_inside_comes_in_again_and_takes_one_place():
    gate, hold, done = Gate("jobs", waiting=0), threading.Event(), []
    with gate:
        with gate, gate.patiently():
            pass
        assert gate._free == 0
        start(gate, done, "other", hold).join(10)
    assert [type(said) for said in done] == [BusyError]
    assert gate._free == 1
