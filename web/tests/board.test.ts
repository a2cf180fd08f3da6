import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bucket, IncidentWithCase, UsualHour } from '@/api/types'
import { labelStep, path, shade, ticks } from '@/model/chart'
import { shapesOf } from '@/model/boundaries'
import { loudest, partsOf } from '@/model/divisions'
import { marksOf, shortened } from '@/model/marks'
import { after, everyOf, scenesOf, SCENES } from '@/model/scenes'
import { hourAfter, searchOf } from '@/model/search'
import { againstUsual, sentiments } from '@/model/situation'
import { Batch, Lull } from '@/state/batch'
import { board } from '../dev/records'

const NOW = Date.parse('2026-06-01T04:30:00Z')
const hours = (...posts: number[]): Bucket[] =>
  posts.map((n, place) => ({
    at: new Date(NOW - 30 * 60_000 + (place - posts.length + 1) * 3_600_000).toISOString(),
    posts: n,
    negative: n,
    neutral: 0,
    positive: 0,
  }))
const usual = (...posts: (number | null)[]): UsualHour[] =>
  posts.map((n) => ({ at: '', posts: n, low: null, high: null, days: 1, week_ago: null }))

describe('an axis', () => {
  it.each([
    [0, [0, 1]],
    [3, [0, 1, 2, 3]],
    [154, [0, 50, 100, 150, 200]],
    [1_001, [0, 500, 1_000, 1_500]],
  ])('up to %d has round steps that reach it', (top, lines) => {
    expect(ticks(top, 4)).toEqual(lines)
  })

  it('labels as many columns as there is room for', () => {
    expect(labelStep(24, 480, 50)).toBe(3)
    expect(labelStep(24, 2_400, 50)).toBe(1)
    expect(labelStep(24, 40, 50)).toBe(24)
  })
})

describe('a line', () => {
  it('breaks where nothing is known', () => {
    expect(path([[0, 1], null, [2, 3], [4, 5]])).toBe('M0.0 1.0M2.0 3.0L4.0 5.0')
  })
})

describe('a tile', () => {
  it('without posts is of the lowest class, the loudest of the highest, and a single post is not none', () => {
    expect([0, 1, 500, 1_000].map((n) => shade(n, 1_000, 5))).toEqual([0, 1, 3, 4])
    expect(shade(0, 0, 5)).toBe(0)
  })
})

describe('marked incidents', () => {
  const raised = (id: string, level: number | null, minutes: number): IncidentWithCase => {
    const row = board(NOW).incidents[0]!
    const at = new Date(NOW - minutes * 60_000).toISOString()
    return {
      incident: { ...row.incident, id, title: `title of ${id}`, raised_at: at },
      case: level === null ? null : { ...row.case!, level, state: 'handling' },
    }
  }

  it('are the gravest with a case that were raised in the hours shown, each in a line of its own', () => {
    const rows = [
      raised('a', 3, 10),
      raised('b', 1, 90),
      raised('none', null, 5),
      raised('before', 1, 600),
      raised('c', 4, 70),
    ]
    const marks = marksOf([...rows, raised('d', 4, 80)], hours(1, 2, 3))
    expect(marks.map(({ id, place, row }) => [id, place, row])).toEqual([
      ['b', 1, 0],
      ['a', 2, 1],
      ['c', 1, 2],
    ])
    expect(marksOf(rows, [])).toEqual([])
  })

  it('are named as far as there is room, without cutting an emoji in two', () => {
    expect(shortened('短', 3)).toBe('短')
    expect(shortened('👨‍👩‍👧'.repeat(4), 2)).toBe(`${'👨‍👩‍👧'.repeat(2)}…`)
    expect(shortened('x'.repeat(100_000), 3)).toBe('xxx…')
  })
})

describe('what is usual', () => {
  it('is held against the hours that are over and whose usual is known', () => {
    expect(againstUsual(hours(30, 10, 99), usual(10, 10, 1))).toBe(1)
    expect(againstUsual(hours(30, 10, 99), usual(null, 5, 1))).toBe(1)
    expect(againstUsual(hours(30, 10), usual(null, null))).toBeNull()
  })
})

describe('an hour', () => {
  it('is unsure of what none of the three sentiments claims', () => {
    const hour = { at: '', posts: 9, negative: 3, neutral: 2, positive: 1 }
    expect(sentiments(hour)).toEqual({ negative: 3, neutral: 2, positive: 1, unsure: 3 })
  })
})

describe('scenes', () => {
  it('are all, or those that the address names, in its order', () => {
    expect(scenesOf(null)).toEqual(SCENES)
    expect(scenesOf('duty, now,nonsense,duty')).toEqual(['duty', 'now'])
    expect(scenesOf('nonsense')).toEqual(SCENES)
  })

  it('follow each other round and round', () => {
    expect(after(SCENES, 'coverage', 1)).toBe('now')
    expect(after(SCENES, 'now', -1)).toBe('coverage')
    expect(after(['duty'], 'duty', 1)).toBe('duty')
  })

  it('stay for seconds within bounds', () => {
    expect([null, 'x', '-3', '1', '40', '999999'].map(everyOf)).toEqual([25, 25, 25, 5, 40, 3_600])
  })
})

describe('an hour of the chart', () => {
  it('leads to its posts by the address', () => {
    const at = '2026-06-01T04:00:00.000Z'
    expect(searchOf({ since: at, until: hourAfter(at) })).toEqual({ since: at, until: '2026-06-01T05:00:00.000Z' })
  })
})

describe('Batch', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('shows fifty updates a second as four changes, in order and none lost', () => {
    const batch = new Batch(250)
    const seen: number[] = []
    const changes = new Set<number>()
    for (let n = 0; n < 100; n++) {
      batch.add(() => {
        seen.push(n)
        changes.add(Date.now())
      })
      vi.advanceTimersByTime(20)
    }
    vi.advanceTimersByTime(1_000)
    expect(seen).toEqual(Array.from({ length: 100 }, (_, n) => n))
    expect(changes.size).toBeLessThanOrEqual(10)
  })

  it('shows the first one after a pause at once', () => {
    const batch = new Batch(250)
    const seen: string[] = []
    batch.add(() => seen.push('first'))
    vi.advanceTimersByTime(1)
    vi.advanceTimersByTime(5_000)
    batch.add(() => seen.push('second'))
    vi.advanceTimersByTime(1)
    expect(seen).toEqual(['first', 'second'])
  })

  it('forgets what waits when it is cleared, and goes on after', () => {
    const batch = new Batch(250)
    const seen: string[] = []
    batch.add(() => seen.push('gone'))
    batch.clear()
    batch.add(() => seen.push('kept'))
    vi.advanceTimersByTime(1_000)
    expect(seen).toEqual(['kept'])
  })
})

describe('boundaries', () => {
  const square = (west: number, south: number, size: number): [number, number][] => [
    [west, south],
    [west + size, south],
    [west + size, south + size],
    [west, south + size],
    [west, south],
  ]

  it('fill the box as far as their form allows, north up, each named in its middle', () => {
    const [west, east] = shapesOf(
      [
        { code: 'a', rings: [square(0, 0, 1)] },
        { code: 'b', rings: [square(1, 0, 1)] },
      ],
      404,
      1_000,
    )
    expect(west!.width).toBeCloseTo(200, 0)
    expect(east!.at[0] - west!.at[0]).toBeCloseTo(200, 0)
    expect(west!.at[1]).toBeCloseTo(500, 0)
    expect(east!.path.startsWith('M202.0')).toBe(true)
  })

  it('are as wide as at their latitude', () => {
    const [one] = shapesOf([{ code: 'a', rings: [square(0, 59.5, 1)] }], 1_004, 1_004)
    expect(one!.width / one!.height).toBeCloseTo(0.5, 1)
  })

  it('are named on their largest island, and holes stay holes', () => {
    const [one] = shapesOf([{ code: 'a', rings: [square(0, 0, 1), square(5, 0, 4), square(6, 1, 1)] }], 904, 404)
    expect(one!.at[0]).toBeCloseTo(702, 0)
    expect(one!.path.split('Z').length).toBe(4)
  })

  it('are nothing without a file', () => {
    expect(shapesOf([], 100, 100)).toEqual([])
  })
})

describe('parts of a jurisdiction', () => {
  const part = (code: string, posts: number, week = posts) => ({ code, name: code, posts, negative: 0, week })

  it('are shown in their order, the quietest left out first', () => {
    const parts = partsOf([part('1', 1), part('2', 0, 0), part('3', 9)])
    expect(parts.map((one) => [one.shade, one.deaf])).toEqual([
      [1, false],
      [0, true],
      [4, false],
    ])
    expect(loudest(parts, 2).map((one) => one.code)).toEqual(['1', '3'])
  })
})

describe('a lull', () => {
  it('is before what comes after a pause, not before what comes in a row', () => {
    const lull = new Lull(2_000)
    expect([0, 250, 500, 2_400, 4_400].map((at) => lull.endsAt(at))).toEqual([true, false, false, false, true])
  })
})
