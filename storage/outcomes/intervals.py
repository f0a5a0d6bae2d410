"""The arithmetic beside a share: how sure it is, and how it is rounded for whoever reads it.

* Everything is worked out in decimals, so that the same counts give the same figures on every machine.
* Nothing is rounded before it is shown; then halves go up, to the whole percent or to one decimal.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

Z95 = Decimal("1.959963984540054")
"""The 97.5th percentile of the standard normal distribution."""

_ONE, _HUNDRED = Decimal(1), Decimal(100)


def share(part: int, whole: int) -> Decimal | None:
    """Part of the whole in percent, unrounded; None of nothing."""
    return _HUNDRED * part / whole if whole else None


def wilson(part: int, whole: int) -> tuple[Decimal, Decimal] | None:
    """The 95 % interval of a share by Wilson's score, in percent; None of nothing.

    Source: E. B. Wilson (1927), J. Am. Stat. Assoc. 22:209-212, without the correction for continuity.
    """
    if not whole:
        return None
    n, p, square = Decimal(whole), Decimal(part) / whole, Z95 * Z95
    middle = p + square / (2 * n)
    reach = Z95 * (p * (_ONE - p) / n + square / (4 * n * n)).sqrt()
    shrunk = _ONE + square / n
    # Of none or of all an end is exact: 0 or 100, not what is left of it by rounding in the 28th digit.
    low = _HUNDRED * (middle - reach) / shrunk if part else Decimal(0)
    high = _HUNDRED * (middle + reach) / shrunk if part < whole else _HUNDRED
    return low, high


def half_up(number: Decimal, places: int = 0) -> Decimal:
    """The number with so many decimals, halves away from zero."""
    return number.quantize(_ONE.scaleb(-places), ROUND_HALF_UP)
