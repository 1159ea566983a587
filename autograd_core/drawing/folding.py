"""Rows of a large picture -> the rows worth drawing: what repeats is folded, and counted.

    for _ in range(300):
        x = x * w

makes 300 rows of one kind. The first and the last of them are drawn, and between them a fold that
says how many more there are and of what. The surprising idea: nothing that matters is ever folded.
A tensor that has a name, a saved version that was written over, the node that raised: they keep
their rows, and the fold ends before them and goes on behind. So whatever a fold hides is in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

FEW = 14  # rows: a picture of no more is drawn in full
MANY = 24  # rows: where folding what repeats leaves more, what does not matter is folded too
MOST = 100  # rows in trouble: of more, the last ones are drawn
LONGEST = 24  # rows: the longest pattern that is looked for
TIMES = 4  # a pattern that comes less often is not folded
NAMED, TROUBLE = 1, 2  # what a row weighs that is not to be folded


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows, by number, that are not drawn one by one, and how often their pattern repeats.

    `times` is 0 where they have none.
    """

    rows: tuple[int, ...]
    times: int = 0


def fold(kinds: Sequence[Hashable], weight: Callable[[int], int]) -> list[int | Fold]:
    """What to draw of these rows: a number for a row, a `Fold` for those that are folded there.

    `kinds` says of each row what it is like; rows of equal kinds repeat each other. `weight` says how
    much it matters: not (0), for its name, or for the trouble that it is in.

    >>> fold(["a"] + ["b"] * 30 + ["c"], lambda row: 0)
    [0, 1, Fold(rows=(2, 3, ..., 29), times=28), 30, 31]
    """
    if len(kinds) <= FEW:
        return list(range(len(kinds)))
    important = {row: heavy for row in range(len(kinds)) if (heavy := weight(row))}
    shown: list[int | Fold] = []
    row = 0
    while row < len(kinds):
        length, times = _pattern(kinds, row)
        if times < TIMES:
            shown.append(row)
            row += 1
            continue
        for number in range(times):
            its = tuple(range(row + number * length, row + (number + 1) * length))
            if 0 < number < times - 1 and important.keys().isdisjoint(its):
                shown.append(Fold(its, 1))
            else:
                shown += its
        row += times * length
    shown = list(_joined(shown))
    return shown if len(shown) <= MANY else list(_joined(_focus(shown, important)))


def _pattern(kinds: Sequence[Hashable], start: int) -> tuple[int, int]:
    """The shortest pattern that repeats from this row on: its length, and how often it comes."""
    for length in range(1, LONGEST + 1):
        if kinds[start] not in kinds[start + length : start + length + 1]:
            continue
        times, pattern = 1, kinds[start : start + length]
        while kinds[start + times * length : start + (times + 1) * length] == pattern:
            times += 1
        if times >= TIMES:
            return length, times
    return 1, 1


def _focus(shown: list[int | Fold], important: dict[int, int]) -> Iterator[int | Fold]:
    """Of many rows, those that matter, and the first and the last few; the others are folded.

    Where very many matter, those in trouble do first, then those at the end, for they are closest to
    what happened last.
    """
    single = [row for row in shown if not isinstance(row, Fold)]
    best = sorted((important[row], row) for row in single if row in important)
    trouble = sum(heavy == TROUBLE for heavy, _ in best)
    best = [row for _, row in best[-max(MANY // 2, min(trouble, MOST)) :]]
    room = max(MANY - len(best), 6)
    kept = {*best, *single[: room // 3], *single[-(room - room // 3) :]}
    for row in shown:
        yield row if isinstance(row, Fold) or row in kept else Fold((row,))


def _joined(shown: list[int | Fold] | Iterator[int | Fold]) -> Iterator[int | Fold]:
    """Make one of neighbouring folds; a fold that hides a single row is not worth it."""
    waiting: list[Fold] = []

    def flush() -> Iterator[int | Fold]:
        rows = tuple(row for each in waiting for row in each.rows)
        rounds = len({len(each.rows) for each in waiting}) == 1 and waiting[0].times == 1
        times = sum(each.times for each in waiting) if rounds or len(waiting) == 1 else 0
        if len(rows) == 1:
            yield rows[0]
        elif rows:
            yield Fold(rows, times)
        waiting.clear()

    for each in shown:
        if isinstance(each, Fold):
            waiting.append(each)
        else:
            yield from flush()
            yield each
    yield from flush()


def listed(words: Sequence[str], room: int) -> str:
    """What a fold hides, most frequent first, as much as there is room for.

    >>> listed(["Mul", "Add", "Mul"], 20)
    '2 Mul, 1 Add'
    """
    counted = [f"{count} {word}" for word, count in Counter(words).most_common()]
    said = ""
    for number, each in enumerate(counted):
        longer = f"{said}, {each}" if said else each
        more = len(counted) - number - 1
        if said and len(longer) + (len(f", {more} more") if more else 0) > room:
            return f"{said}, {more + 1} more"
        said = longer
    return said
