"""Journal looks: their widths, sizes and resolutions, and where the numbers are from."""

from __future__ import annotations

from collections.abc import Callable

from metacircuit.figures.presets import PRESETS

from facts.markdown import code, table


def looks() -> str:
    """List the presets."""
    header = (
        "`preset`",
        "`single`, `middle`, `double` (mm)",
        "page at most (mm)",
        "text (pt)",
        "dpi",
        "palette",
        "interval",
        "after",
    )
    return table(header, [_row(name) for name in PRESETS], right=(2, 4))


def _row(name: str) -> tuple[str, ...]:
    look = PRESETS[name]
    style = look.style
    sizes = " / ".join(f"{size:g}" for size in sorted({style.small, style.body, style.title}))
    opening, between, closing = style.brackets
    widths = ", ".join(f"{width:g}" for width in look.widths)
    interval = f"0.40 {opening}0.10{between}0.70{closing}"
    return (
        code(name),
        widths,
        f"{style.page_height_mm:g}",
        sizes,
        f"{style.dpi:g}",
        code(look.palette),
        interval,
        look.source,
    )


BLOCKS: dict[str, Callable[[], str]] = {"journal-looks": looks}
