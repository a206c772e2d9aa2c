"""The benchmark's plot as SVG: estimated against true place, and accuracy by age of the last light."""

from collections.abc import Sequence

import numpy as np

from benchmarks.queue_trials import CONDITIONS, Trial

INK, GRID, OURS, HOLD = "#444", "#ddd", "#2a6fbb", "#c76a1d"
SIDE = 260
LEFT, TOP = 46, 40


def plot(found: Sequence[Trial]) -> str:
    """Two panels: without a light in all weathers, and with one in a cascade."""
    cold = [t for t in found if t.condition == "cold"]
    body = [*_scatter(cold[:: max(1, len(cold) // 600)]), *_bars([t for t in found if t.regime == "cascade"])]
    style = 'font-family="sans-serif" font-size="11" fill="#444"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="700" height="350" {style}>\n' + "\n".join(body) + "\n</svg>\n"


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{words}</text>'


def _scatter(cold: Sequence[Trial]) -> list[str]:
    """No venue light: true place across, estimate up; shaded where the light is exact."""
    out = [_text(LEFT + SIDE / 2, 22, "no venue light: estimated against true place")]
    for i in range(5):
        corner = (LEFT + i * SIDE / 5, TOP + (4 - i) * SIDE / 5)
        out.append(f'<rect x="{corner[0]:.0f}" y="{corner[1]:.0f}" width="{SIDE // 5}" height="{SIDE // 5}" fill="{GRID}"/>')
        out.append(_text(LEFT + (i + 0.5) * SIDE / 5, TOP + SIDE + 16, str(i + 1)))
        out.append(_text(LEFT - 8, TOP + (4.5 - i) * SIDE / 5 + 4, str(i + 1), "end"))
    out += [
        f'<circle cx="{LEFT + SIDE * t.true_quantile:.1f}" cy="{TOP + SIDE * (1 - t.estimate):.1f}" r="1.6" '
        f'fill="{OURS}" fill-opacity="0.45"/>'
        for t in cold
    ]
    out.append(_text(LEFT + SIDE / 2, TOP + SIDE + 34, "true light"))
    return out


def _bars(cascade: Sequence[Trial]) -> list[str]:
    """In a cascade: share of exact lights by the age of the last one, ours and holding it."""
    x0 = LEFT + SIDE + 80
    out = [_text(x0 + SIDE / 2, 22, "in a cascade: share of exact lights")]
    for share in (0.25, 0.5, 0.75, 1.0):
        y = TOP + SIDE * (1 - share)
        out.append(f'<line x1="{x0}" y1="{y:.0f}" x2="{x0 + SIDE}" y2="{y:.0f}" stroke="{GRID}"/>')
        out.append(_text(x0 - 6, y + 4, f"{share:.0%}", "end"))
    width = SIDE / len(CONDITIONS)
    for i, condition in enumerate(CONDITIONS):
        here = [t for t in cascade if t.condition == condition]
        shares = [(OURS, float(np.mean([t.level == t.true for t in here])))] if here else []
        if here and here[0].held is not None:
            shares.append((HOLD, float(np.mean([t.held == t.true for t in here]))))
        for k, (colour, share) in enumerate(shares):
            x, height = x0 + i * width + 6 + k * (width - 12) / 2, SIDE * share
            box = f'x="{x:.0f}" y="{TOP + SIDE - height:.0f}" width="{width / 2 - 8:.0f}" height="{height:.0f}"'
            out.append(f'<rect {box} fill="{colour}"/>')
        out.append(_text(x0 + (i + 0.5) * width, TOP + SIDE + 16, condition))
    out.append(_text(x0 + SIDE / 2, TOP + SIDE + 34, "age of the last venue light (blue: estimate, orange: hold it)"))
    return out
