/** Where the lines of an axis go: at most `most` round steps (1, 2, 5 x 10^n) from 0 up to at least `top`. */
export function ticks(top: number, most: number): number[] {
  const rough = Math.max(1, top) / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(1, power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10))
  const steps = Math.max(1, Math.ceil(Math.max(1, top) / step))
  return Array.from({ length: steps + 1 }, (_, n) => n * step)
}

/** Every how many of `columns` a label fits that needs `label` pixels of `width`: 1, 2, 3, 4, 6, 8, 12 or 24. */
export function labelStep(columns: number, width: number, label: number): number {
  const fits = [1, 2, 3, 4, 6, 8, 12, 24].find((step) => (width / columns) * step >= label)
  return fits ?? columns
}

/** An SVG path through points; a point that is null breaks it. */
export function path(points: readonly (readonly [number, number] | null)[]): string {
  let line = ''
  let pen = 'M'
  for (const point of points) {
    if (point === null) pen = 'M'
    else {
      line += `${pen}${point[0].toFixed(1)} ${point[1].toFixed(1)}`
      pen = 'L'
    }
  }
  return line
}

/** The class (0 to `classes` - 1) of a value up to `top`, none in 0; low values are drawn apart (exponent 0.7). */
export function shade(value: number, top: number, classes: number): number {
  if (value <= 0 || top <= 0) return 0
  return Math.max(1, Math.min(classes - 1, Math.ceil((value / top) ** 0.7 * (classes - 1))))
}
