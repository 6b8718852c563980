"""What a caller may have meant: the code, the measure that these columns give, the columns that are still missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from .problems import EscalcProblem, listed, nearest
from .spec import Measure

#: Codes of metafor 5 that are known and not offered, and what they measure.
NOT_OFFERED: Mapping[str, str] = {
    **dict.fromkeys(("MPRD", "MPRR", "MPOR", "MPORM", "MPORC", "MPPETO"), "matched pairs of counts"),
    **dict.fromkeys(("CLESN", "AUCN", "CLESCN", "AUCCN"), "an area under the curve computed from means"),
    "REH": "relative excess heterozygosity",
    **dict.fromkeys(("R2F", "ZR2F"), "R² of a model with fixed predictors"),
}


def unknown_code(code: object, known: Sequence[str]) -> EscalcProblem:
    """Say what is wrong with a code: unknown, or known to metafor alone.

    Example
    -------
    >>> print(unknown_code("SDM", ["MD", "SMD"]))
    'SDM' is not a known measure. Did you mean 'SMD'? Known are MD, SMD.
    """
    if code in NOT_OFFERED:
        wrong = f"{code!r} is a measure of metafor ({NOT_OFFERED[str(code)]}) that is not offered here"
        return EscalcProblem(wrong, f"Known are {', '.join(known)}.")
    guess = nearest(code, known).strip()
    return EscalcProblem(f"{code!r} is not a known measure", f"{guess} Known are {', '.join(known)}.".strip())


def closest_set(measure: Measure, given: Collection[str]) -> tuple[str, ...]:
    """Choose the set of inputs that shares most with what is given, among these the one that lacks least.

    Example
    -------
    >>> from .catalogue import MEASURES
    >>> closest_set(MEASURES["SMD"], ("m1i", "sd1i", "n1i", "n2i"))
    ('n1i', 'n2i', 'm1i', 'sd1i', 'm2i', 'sd2i')
    """
    return max(measure.input_sets(), key=lambda needs: (len({*needs} & {*given}), -len(needs)))


def lacking(measure: Measure, given: Collection[str]) -> tuple[str, ...]:
    """List what the closest set of inputs still lacks.

    Example
    -------
    >>> from .catalogue import MEASURES
    >>> lacking(MEASURES["ZCOR"], ("ni",))
    ('ri',)
    """
    return tuple(name for name in closest_set(measure, given) if name not in given)


def ways(measure: Measure) -> str:
    """List the sets of inputs in words.

    Example
    -------
    >>> from .catalogue import MEASURES
    >>> ways(MEASURES["MN"])
    'mi, sdi, ni'
    """
    return "; or ".join(", ".join(needs) for needs in measure.input_sets())


def measures_of(columns: Collection[str], measures: Iterable[Measure]) -> list[str]:
    """List the measures that these columns give, and that have a meaning for each of them.

    Example
    -------
    >>> from .catalogue import MEASURES
    >>> measures_of(("mi", "sdi", "ni"), MEASURES.values())
    ['MN', 'SMN', 'MNLN', 'SDLN', 'CVLN']
    """
    given = {*columns}
    return [
        measure.code
        for measure in measures
        if given <= {*measure.accepts} and any({*needs} <= given for needs in measure.input_sets())
    ]


def foreign_columns(measure: Measure, given: Collection[str], measures: Iterable[Measure]) -> EscalcProblem | None:
    """Name the measures that the given columns belong to, if these are columns of others; else None.

    Example
    -------
    >>> from .catalogue import MEASURES
    >>> print(foreign_columns(MEASURES["PLO"], ("mi", "sdi", "ni"), MEASURES.values()))
    these columns do not give PLO: it takes no sdi. They give MN, SMN, MNLN, SDLN, CVLN; PLO takes xi, mi; or xi, ni.
    """
    unknown = [name for name in given if name not in measure.accepts]
    others = measures_of(given, measures) if unknown else []
    if not others:
        return None
    also = _by_conversion(measure, others)
    return EscalcProblem(
        f"these columns do not give {measure.code}: it takes no {listed(unknown)}",
        f"They give {', '.join(others)}{also}; {measure.code} takes {ways(measure)}.",
        columns=tuple(unknown),
    )


def _by_conversion(measure: Measure, others: Sequence[str]) -> str:
    """Measures that estimate the wanted one from other columns."""
    found = [code for code in others if (measure.code, code) in _CONVERSIONS]
    return f" ({', '.join(found)}: {measure.label} by conversion)" if found else ""


_CONVERSIONS = {
    ("OR", "D2ORL"),
    ("OR", "D2ORN"),
    *(("COR", code) for code in ("RPB", "RBIS", "RTET")),
    *(("ZCOR", code) for code in ("ZPB", "ZBIS", "ZTET")),
    *(("SMD", code) for code in ("OR2DL", "OR2DN", "PBIT")),
}
