"""Charts of reports as SVG: pure functions, no styles from outside, text as text."""

from xml.sax.saxutils import escape

from core.records.reports import Bar, ReportChart

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 48, 8, 34, 30
INK, GRID, ALL, NEGATIVE = "#4a5665", "#dfe3e8", "#9fb4c6", "#c2553a"
FONT = "Noto Sans SC, Source Han Sans SC, Microsoft YaHei, sans-serif"
MOST_LABELS = 8
STEPS = (1, 2, 2.5, 5, 10)


def chart_svg(chart: ReportChart) -> str:
    """Columns with their negative part below, an axis of round numbers, and a legend that names both."""
    top = nice_top(max((bar.posts for bar in chart.bars), default=0))
    parts = [*_grid(top), *_columns(chart.bars, top), *_labels(chart.bars), *_legend(chart)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'{head} role="img" font-family="{FONT}" font-size="13">{"".join(parts)}</svg>'


def nice_top(most: int) -> int:
    """The end of an axis of four steps of a round number that holds `most`."""
    if most <= 4:
        return 4
    scale = 1.0
    while True:
        for step in STEPS:
            if 4 * step * scale >= most and step * scale == int(step * scale):
                return int(4 * step * scale)
        scale *= 10


def _y(value: float, top: int) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)


def _grid(top: int) -> list[str]:
    lines = []
    for i in range(5):
        value = top * i // 4
        y = _y(value, top)
        lines.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GRID if i else INK}" stroke-width="1"/>')
        lines.append(_text(LEFT - 8, y + 4, f"{value:,}", "end"))
    return lines


def _columns(bars: tuple[Bar, ...], top: int) -> list[str]:
    if not bars:
        return []
    each = (WIDTH - LEFT - RIGHT) / len(bars)
    wide = max(1.0, each * 0.72)
    drawn = []
    for i, bar in enumerate(bars):
        x = LEFT + each * i + (each - wide) / 2
        for value, color in ((bar.posts, ALL), (bar.negative, NEGATIVE)):
            if value:
                y = _y(value, top)
                height = HEIGHT - BOTTOM - y
                drawn.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{height:.1f}" fill="{color}"/>')
    return drawn


def _labels(bars: tuple[Bar, ...]) -> list[str]:
    if not bars:
        return []
    each = (WIDTH - LEFT - RIGHT) / len(bars)
    step = -(-len(bars) // MOST_LABELS)
    shown = [(i, bars[i].label) for i in range(0, len(bars), step)]
    return [_text(LEFT + each * (i + 0.5), HEIGHT - 10, _short(label, step), "middle") for i, label in shown]


def _short(label: str, step: int) -> str:
    """Where labels stand close, the hour alone says it."""
    return label.rpartition(" ")[2] if step < 6 else label


def _legend(chart: ReportChart) -> list[str]:
    items, x = [], float(LEFT)
    for name, color in zip(chart.series, (ALL, NEGATIVE), strict=True):
        if name:
            items.append(f'<rect x="{x:.0f}" y="8" width="12" height="12" rx="2" fill="{color}"/>')
            items.append(_text(x + 18, 19, name, "start"))
            x += 40 + sum(14 if ord(c) > 255 else 7.5 for c in name)
    return items


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{INK}" text-anchor="{anchor}">{escape(text)}</text>'
