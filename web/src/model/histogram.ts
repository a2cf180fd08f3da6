import type { Histogram } from '@/api/types'

const HOUR = 3_600_000
const STEPS = { hour: HOUR, day: 24 * HOUR } as const
const MOST_COLUMNS = 120

export interface Column {
  at: number
  /** Where the column ends (milliseconds, not included). */
  until: number
  posts: number
  negative: number
}

/** Columns without gaps, in time order; so many that each can be clicked, hours or days added up where there are more. */
export function columnsOf({ buckets, step }: Histogram): Column[] {
  if (!buckets.length) return []
  const first = Date.parse(buckets[0]!.at)
  const end = Date.parse(buckets.at(-1)!.at) + STEPS[step]
  const wide = STEPS[step] * Math.ceil((end - first) / STEPS[step] / MOST_COLUMNS)
  const columns: Column[] = []
  for (let at = first; at < end; at += wide) columns.push({ at, until: at + wide, posts: 0, negative: 0 })
  for (const bucket of buckets) {
    const column = columns[Math.floor((Date.parse(bucket.at) - first) / wide)]!
    column.posts += bucket.posts
    column.negative += bucket.negative
  }
  return columns
}
