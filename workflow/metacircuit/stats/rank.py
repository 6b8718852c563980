"""Which columns of a design repeat others, said in words."""

import numpy as np

# A column is a copy of the earlier ones if less than this share of its length lies outside their span.
COLLINEAR = 1e-9


def dependent_columns(X: np.ndarray, names: tuple[str, ...]) -> dict[str, str]:
    """The columns of X that repeat earlier ones, each with the reason in words; empty if X has full rank.

    Parameters
    ----------
    X : (k, p); names : the p names.

    Example
    -------
    >>> dependent_columns(np.array([[1.0, 2.0], [1.0, 2.0]]), ("intrcpt", "x"))
    {'x': 'it is constant (2 in all rows)'}
    """
    kept: list[int] = []
    reasons: dict[str, str] = {}
    basis = np.empty((X.shape[0], 0))
    for j, name in enumerate(names):
        column = X[:, j]
        length = np.linalg.norm(column)
        left = column - basis @ (basis.T @ column)
        left = left - basis @ (basis.T @ left)
        if np.linalg.norm(left) > COLLINEAR * length:
            basis = np.column_stack([basis, left / np.linalg.norm(left)])
            kept.append(j)
        elif length == 0:
            reasons[name] = "it is zero in all rows"
        elif np.ptp(column) == 0:
            reasons[name] = f"it is constant ({column[0]:g} in all rows)"
        elif len(kept) == X.shape[0]:
            reasons[name] = f"{X.shape[0]} effects determine no more than {X.shape[0]} coefficients"
        else:
            share = np.linalg.lstsq(X[:, kept], column, rcond=None)[0]
            scale = np.linalg.norm(X[:, kept], axis=0) / length
            parents = [names[i] for i, b in zip(kept, share * scale, strict=True) if abs(b) > 1e-7]
            reasons[name] = f"it is a combination of {', '.join(parents)}"
    return reasons
