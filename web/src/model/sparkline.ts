export interface Spark {
  line: string
  area: string
  last: { x: number; y: number }
}

/** SVG paths of a series in a box of `width` x `height` (with room for the stroke). One hour alone rises from nothing. */
export function spark(given: readonly number[], width: number, height: number): Spark | null {
  if (given.length === 0) return null
  const series = given.length === 1 ? [0, ...given] : given
  const pad = 2
  const top = Math.max(1, ...series)
  const step = (width - 2 * pad) / (series.length - 1)
  const points = series.map((value, i) => ({
    x: round(pad + i * step),
    y: round(height - pad - (value / top) * (height - 2 * pad)),
  }))
  const line = points.map(({ x, y }, i) => `${i ? 'L' : 'M'}${x} ${y}`).join('')
  const area = `${line}L${points.at(-1)!.x} ${height}L${points[0]!.x} ${height}Z`
  return { line, area, last: points.at(-1)! }
}

const round = (value: number): number => Math.round(value * 10) / 10
