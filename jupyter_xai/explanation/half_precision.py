"""Numbers in half precision that read as the exact ones do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LIMITS = np.array([0.00095, 0.0995, 9.995, 99.95])
"""Where the view shows a digit less behind the point; below the first, one digit in all."""

_PER_UNIT = np.array([np.nan, 1000.0, 100.0, 10.0, 1.0])
_AT_ONCE = 1 << 20


def halves(numbers: NDArray[np.float64], exponent: int) -> NDArray[np.float16]:
    """Numbers, divided by ``2**exponent``, in half precision, that show the digits of the exact.

    The nearest half-precision float may lie beyond the place where the digits that are shown
    change: 0.12499 has 0.125 beside it, and would read 0.13. There the float on the number's other
    side is taken, off by one part in 1,024 at most. Up to 2,048 it shows the same digits, because
    half-precision floats lie no farther apart than numbers of three digits do.

    Parameters
    ----------
    numbers : ndarray [n, m]
        Infinities and NaN become NaN.
    exponent : int
        So that the largest number ends up below 2**15. What is then below 2**-14, less than the
        largest divided by 2**28, keeps fewer digits.

    Returns
    -------
    ndarray [n, m]
        Little-endian float16, column after column in memory.

    Examples
    --------
    >>> import numpy as np
    >>> halves(np.array([[0.12499]]), 0).astype(float).round(4).tolist()
    [[0.1249]]
    >>> halves(np.array([[0.125, float("inf")]]), -2).tolist()
    [[0.5, nan]]
    """
    packed = np.empty(numbers.shape, dtype="<f2", order="F")
    step = max(1, _AT_ONCE // max(1, len(numbers)))
    for start in range(0, numbers.shape[1], step):
        columns = slice(start, start + step)
        exact = np.where(np.isfinite(numbers[:, columns]), numbers[:, columns], np.nan)
        scaled = np.ldexp(exact, -exponent)
        half = scaled.astype("<f2")
        other = _shown(exact) != _shown(np.ldexp(half.astype(np.float64), exponent))
        beyond = half[other]
        back = np.where(scaled[other] > beyond, np.inf, -np.inf).astype("<f2")
        half[other] = np.nextafter(beyond, back)
        packed[:, columns] = half
    return packed


def _shown(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The numbers as the view rounds them, by `number` in ``format.ts``."""
    sizes = np.abs(numbers)
    places = np.searchsorted(_LIMITS, sizes, side="right")
    per_unit = _PER_UNIT[places]
    tiny = (places == 0) & (sizes > 0)
    per_unit[tiny] = 10.0 ** -np.floor(np.log10(sizes[tiny]))
    per_unit[sizes == 0] = 1.0
    return np.copysign(np.floor(sizes * per_unit + 0.5) / per_unit, numbers)
