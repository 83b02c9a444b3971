"""Drawings as SVG. Small enough by hand: three of them, no scripts, and a page that prints offline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from html import escape

from connector.improve.review.parts import Chart

WIDTH, HEIGHT, FOOT, TOP = 720, 240, 40, 30
UP, DOWN, TOTAL, PALE, INK = "#2a7f62", "#b5483a", "#44546a", "#9aa5b4", "#222"
BINS = 10


def histogram(title: str, values: Sequence[Decimal]) -> Chart:
    """How many people reached how much of their target, in fifths from 0 % to 200 % and beyond."""
    counts = [0] * (BINS + 1)
    for each in values:
        counts[min(max(int(each * 5), 0), BINS)] += 1
    most, step = max(counts, default=0) or 1, WIDTH / (BINS + 1)
    parts = []
    for at, count in enumerate(counts):
        height = (HEIGHT - FOOT - TOP) * count / most
        label = f"{at * 20}%" if at < BINS else "200%+"
        parts.append(_bar(at * step + 4, HEIGHT - FOOT - height, step - 8, height, UP if at >= 5 else PALE))
        parts.append(_text(at * step + step / 2, HEIGHT - FOOT + 16, label))
        if count:
            parts.append(_text(at * step + step / 2, HEIGHT - FOOT - height - 5, str(count)))
    says = f"{title}: " + ", ".join(f"{count} from {at * 20}%" for at, count in enumerate(counts) if count)
    return _chart(title, parts, says)


def waterfall_chart(title: str, bars: Sequence[tuple[str, int]], shown: Callable[[int], str]) -> Chart:
    """Start, what came and went, and the end; the first and the last bar stand on the ground. Minor units."""
    start, end = bars[0][1], bars[-1][1]
    levels, running = list[tuple[str, int, int, str]](), start
    levels.append((bars[0][0], 0, start, TOTAL))
    for name, amount in bars[1:-1]:
        levels.append((name, min(running, running + amount), abs(amount), UP if amount >= 0 else DOWN))
        running += amount
    levels.append((bars[-1][0], 0, end, TOTAL))
    highest = max((low + size for _, low, size, _ in levels), default=1) or 1
    scale, step = (HEIGHT - FOOT - TOP) / highest, WIDTH / len(levels)
    parts = []
    for at, ((name, low, size, colour), (_, amount)) in enumerate(zip(levels, bars, strict=True)):
        top = HEIGHT - FOOT - (low + size) * scale
        parts.append(_bar(at * step + 4, top, step - 8, max(size * scale, 1), colour))
        parts.append(_text(at * step + step / 2, HEIGHT - FOOT + 16, name))
        parts.append(_text(at * step + step / 2, top - 5, shown(amount)))
    says = f"{title}: " + ", ".join(f"{name} {shown(amount)}" for name, amount in bars)
    return _chart(title, parts, says)


def curves(title: str, usual: Sequence[Fraction], actual: Sequence[Fraction], says: str) -> Chart:
    """How a period filled up, beside how such periods usually do: shares after each working day."""
    highest = max(float(max((*usual, *actual), default=1)), 1.0)

    def line(shares: Sequence[Fraction], colour: str, dash: str) -> str:
        points = " ".join(
            f"{WIDTH * (at + 1) / max(len(usual), 1):.1f},"
            f"{HEIGHT - FOOT - (HEIGHT - FOOT - TOP) * float(each) / highest:.1f}"
            for at, each in enumerate(shares)
        )
        return f'<polyline fill="none" stroke="{colour}" stroke-width="2"{dash} points="0,{HEIGHT - FOOT} {points}"/>'

    parts = [line(usual, PALE, ' stroke-dasharray="6 4"'), line(actual, UP, "")]
    parts.append(
        _text(WIDTH / 2, HEIGHT - FOOT + 16, f"{len(usual)} working days; dashed: as usual, solid: as it came")
    )
    return _chart(title, parts, f"{title}: {says}")


def _chart(title: str, parts: Sequence[str], says: str) -> Chart:
    ground = f'<line x1="0" y1="{HEIGHT - FOOT}" x2="{WIDTH}" y2="{HEIGHT - FOOT}" stroke="{INK}"/>'
    head = f'<text x="0" y="14" font-size="13" fill="{INK}">{escape(title)}</text>'
    body = "".join([head, ground, *parts])
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(says)}" font-family="sans-serif" font-size="10">{body}</svg>'
    )
    return Chart(svg, says)


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" fill="{INK}">{escape(text)}</text>'
