import { describe, expect, it } from 'vitest'
import type { Histogram } from '@/api/types'
import { columnsOf } from '@/model/histogram'

const bucket = (hour: number, posts: number, negative = 0) => ({
  at: new Date(Date.UTC(2026, 5, 1, hour)).toISOString(),
  ...{ posts, negative, neutral: posts - negative, positive: 0 },
})
const of = (...buckets: Histogram['buckets']): Histogram => ({ step: 'hour', posts: 0, buckets })

describe('columns of a histogram', () => {
  it('have no gaps', () => {
    expect(columnsOf(of(bucket(0, 2, 1), bucket(3, 5))).map(({ posts }) => posts)).toEqual([2, 0, 0, 5])
    expect(columnsOf(of())).toEqual([])
  })

  it('are at most as many as can be clicked, and lose no post', () => {
    const columns = columnsOf(of(...Array.from({ length: 500 }, (_, hour) => bucket(hour, 1, 1))))
    expect(columns.length).toBeLessThanOrEqual(120)
    expect(columns.reduce((sum, one) => sum + one.posts, 0)).toBe(500)
    expect(columns.every((one) => one.negative === one.posts)).toBe(true)
  })

  it('end where the next begins', () => {
    const [first, second] = columnsOf(of(bucket(0, 1), bucket(1, 1)))
    expect(first!.until).toBe(second!.at)
  })
})
