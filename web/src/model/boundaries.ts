import type { Boundary } from '@/api/types'

type Point = readonly [number, number]
type Ring = readonly Point[]

/** A boundary in pixels: its path, and where and in how much room its name stands. */
export interface Shape {
  code: string
  path: string
  at: Point
  width: number
  height: number
}

const MARGIN = 2

/**
 * Boundaries fitted into a box. Degrees of longitude are shortened as at the middle latitude: right for a city, where no
 * straight line is long enough to bend.
 */
export function shapesOf(boundaries: readonly Boundary[], width: number, height: number): Shape[] {
  const all = boundaries.flatMap((one) => one.rings.flat())
  if (!all.length) return []
  const [west, east] = extent(all, 0)
  const [south, north] = extent(all, 1)
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const scale = Math.min(
    (width - 2 * MARGIN) / Math.max((east - west) * squeeze, 1e-9),
    (height - 2 * MARGIN) / Math.max(north - south, 1e-9),
  )
  const left = (width - (east - west) * squeeze * scale) / 2
  const top = (height - (north - south) * scale) / 2
  const place = ([x, y]: Point): Point => [left + (x - west) * squeeze * scale, top + (north - y) * scale]
  return boundaries.map((one) =>
    shapeOf(
      one.code,
      one.rings.map((ring) => (ring as Ring).map(place)),
    ),
  )
}

function shapeOf(code: string, rings: readonly Ring[]): Shape {
  const largest = rings.reduce((best, ring) => (Math.abs(area(ring)) > Math.abs(area(best)) ? ring : best), rings[0]!)
  const [left, right] = extent(largest, 0)
  const [top, bottom] = extent(largest, 1)
  const path = rings.map((ring) => `M${ring.map((point) => point.map((n) => n.toFixed(1)).join(' ')).join('L')}Z`)
  return { code, path: path.join(''), at: centre(largest), width: right - left, height: bottom - top }
}

function extent(points: Ring, axis: 0 | 1): Point {
  let least = Infinity
  let most = -Infinity
  for (const point of points) {
    least = Math.min(least, point[axis])
    most = Math.max(most, point[axis])
  }
  return [least, most]
}

/** Signed, by the shoelace formula. */
function area(ring: Ring): number {
  return edges(ring).reduce((sum, [[x0, y0], [x1, y1]]) => sum + x0 * y1 - x1 * y0, 0) / 2
}

/** The centre of mass; of a ring without area its first corner. */
function centre(ring: Ring): Point {
  const whole = area(ring)
  if (Math.abs(whole) < 1e-9) return ring[0]!
  let x = 0
  let y = 0
  for (const [[x0, y0], [x1, y1]] of edges(ring)) {
    const cross = x0 * y1 - x1 * y0
    x += (x0 + x1) * cross
    y += (y0 + y1) * cross
  }
  return [x / (6 * whole), y / (6 * whole)]
}

function edges(ring: Ring): [Point, Point][] {
  return ring.slice(1).map((point, n) => [ring[n]!, point])
}
