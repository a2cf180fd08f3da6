"""Whether a screen still looks like its reference picture, whatever hints the machine's fonts give.

A picture is compared by structure: it is cut into cells of `CELL` pixels, of each the mean lightness counts. Where a panel was
hidden, moved or coloured anew many cells differ by far; letters that are drawn a little bolder or half a pixel aside change a
cell by little. References are kept as small as they are compared (one pixel a cell); `make looks` retakes them, and
they are looked at before they are committed. They are of the font that the test browser brings along: with another one lines
break elsewhere, and that is seen.
"""

import base64
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

REFERENCES = Path(__file__).with_name("looks")
CELL = 8
STEP = 20
"""Of 255 steps of lightness: what a cell may differ without being another one."""
TOLERANCE = 0.005
"""The share of cells that may be others, 100 of 20 160. Bolder letters and half a pixel change 35, a chart that is gone 190."""

_CELLS = """async ([picture, size]) => {
  const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + picture)).blob())
  const canvas = new OffscreenCanvas(image.width, image.height)
  const context = canvas.getContext('2d')
  context.drawImage(image, 0, 0)
  const { data } = context.getImageData(0, 0, image.width, image.height)
  const columns = Math.floor(image.width / size), rows = Math.floor(image.height / size)
  const cells = new Array(columns * rows).fill(0)
  for (let y = 0; y < rows * size; y++)
    for (let x = 0; x < columns * size; x++) {
      const at = 4 * (y * image.width + x)
      const light = 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]
      cells[Math.floor(y / size) * columns + Math.floor(x / size)] += light / size / size
    }
  return { columns, cells: cells.map(Math.round) }
}"""

_PICTURE = """async ({ columns, cells }) => {
  const canvas = new OffscreenCanvas(columns, cells.length / columns)
  const context = canvas.getContext('2d')
  const image = context.createImageData(canvas.width, canvas.height)
  cells.forEach((light, n) => image.data.set([light, light, light, 255], 4 * n))
  context.putImageData(image, 0, 0)
  const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())
  return btoa(String.fromCharCode(...bytes))
}"""

Cells = dict[str, Any]


def seen(page: Page, blank: Page) -> Cells:
    """The cells of what `page` shows; `blank` is a page without a content security policy, which does the sums."""
    return _cells(blank, page.screenshot(animations="disabled", caret="hide"), CELL)


def kept(blank: Page, name: str) -> Cells:
    """The cells of a reference."""
    return _cells(blank, (REFERENCES / f"{name}.png").read_bytes(), 1)


def keep(blank: Page, name: str, cells: Cells) -> None:
    """Make these cells the reference."""
    REFERENCES.mkdir(exist_ok=True)
    (REFERENCES / f"{name}.png").write_bytes(base64.b64decode(blank.evaluate(_PICTURE, cells)))


def changed(one: Cells, other: Cells) -> float:
    """The share of cells that differ by more than `STEP`; 1 for pictures of two sizes."""
    if one["columns"] != other["columns"] or len(one["cells"]) != len(other["cells"]):
        return 1.0
    pairs = list(zip(one["cells"], other["cells"], strict=True))
    differing: int = sum(abs(a - b) > STEP for a, b in pairs)
    return differing / len(pairs)


def _cells(blank: Page, picture: bytes, size: int) -> Cells:
    found: Cells = blank.evaluate(_CELLS, [base64.b64encode(picture).decode(), size])
    return found
