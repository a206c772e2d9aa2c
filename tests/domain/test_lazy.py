"""What is made when somebody looks is equal to what it stands for, and made once."""

from adlwatch.domain.lazy import Lazy


def test_nothing_is_made_before_somebody_looks_and_then_once() -> None:
    asked: list[int] = []

    def make(upto: int) -> range:
        asked.append(upto)
        return range(upto)

    lazy = Lazy(make, 3)
    assert asked == []
    assert (list(lazy), len(lazy), lazy[1], lazy[1:]) == ([0, 1, 2], 3, 1, (1, 2))
    assert asked == [3]


def test_it_is_equal_to_the_tuple_that_it_stands_for() -> None:
    lazy, plain = Lazy(range, 3), (0, 1, 2)
    assert lazy == plain
    assert plain == lazy
    assert lazy == Lazy(range, 3)
    assert lazy != Lazy(range, 4)
    assert lazy != [0, 1, 2]
    assert (hash(lazy), repr(lazy)) == (hash((0, 1, 2)), "(0, 1, 2)")
    assert 2 in lazy
