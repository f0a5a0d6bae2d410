"""Nobody stands out of an export by what is told of her; and what is told does not depend on the order of the rows."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from storage.exports.risk import HIDDEN, TRAITS, coarsened

traits = st.tuples(*(st.sampled_from(("", "a", "b", "c")) for _ in TRAITS))
women = st.dictionaries(st.text("0123456789abcdef", min_size=1, max_size=4), traits, max_size=60)


@given(women, st.integers(2, 6))
def test_whoever_is_told_of_is_like_enough_others(known: dict[str, tuple[str, ...]], least: int) -> None:
    told = coarsened(known, least)
    sizes = Counter(told.values())
    for traits_ in told.values():
        assert sizes[traits_] >= least or set(traits_) == {HIDDEN}
    assert set(told) == set(known)


@given(women, st.randoms(use_true_random=False))
def test_the_order_is_no_matter(known: dict[str, tuple[str, ...]], chance: object) -> None:
    shuffled = list(known.items())
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert coarsened(dict(shuffled)) == coarsened(known)


@given(women)
def test_only_what_must_go_goes(known: dict[str, tuple[str, ...]]) -> None:
    sizes = Counter(known.values())
    told = coarsened(known)
    for person, own in known.items():
        assert all(new in (old, HIDDEN) for old, new in zip(own, told[person], strict=True))
        if sizes[own] >= 5:
            assert told[person] == own
