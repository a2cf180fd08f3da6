import { describe, expect, it } from 'vitest'
import type { Case, Incident, IncidentWithCase } from '@/api/types'
import { byLevelAndHeat, levelCounts, trend, upsert } from '@/model/situation'

const one = (level: number, state: Case['state'] = 'handling'): Case => ({ level, state }) as unknown as Case
const row = (id: string, heat: number, of: Case | null = null): IncidentWithCase => ({
  incident: { id, heat } as Incident,
  case: of,
})

describe('byLevelAndHeat', () => {
  it('puts grave before hot, and incidents without an open case last', () => {
    const rows = [
      row('hot', 99),
      row('closed', 98, one(1, 'closed')),
      row('third', 50, one(3)),
      row('first', 1, one(1)),
      row('third-hot', 60, one(3)),
    ]
    expect(byLevelAndHeat(rows).map((item) => item.incident.id)).toEqual([
      'first',
      'third-hot',
      'third',
      'hot',
      'closed',
    ])
  })
})

describe('levelCounts', () => {
  it('counts open cases per level, gravest first', () => {
    expect(levelCounts([one(3), one(1), one(3), one(2, 'closed')])).toEqual([
      { level: 1, n: 1 },
      { level: 3, n: 2 },
    ])
  })
})

describe('trend', () => {
  const board = (posts: number, negative: number, before: number, negativeBefore: number) =>
    trend({
      figures: { posts, negative, newest_at: null, hours: [], domains: [], places: [], sources: [] },
      previous: { posts: before, negative: negativeBefore },
    })

  it('compares with the span before', () => {
    expect(board(150, 60, 100, 30)).toEqual({ posts: 150, postsChange: 0.5, negativeShare: 0.4, negativePoints: 10 })
  })

  it('claims no change when there was nothing before', () => {
    expect(board(10, 5, 0, 0)).toMatchObject({ postsChange: null, negativePoints: null })
  })

  it('is zero on an empty board', () => {
    expect(board(0, 0, 0, 0).negativeShare).toBe(0)
  })
})

describe('upsert', () => {
  const key = (item: { id: number }): string => String(item.id)

  it('replaces in place', () => {
    expect(upsert([{ id: 1 }, { id: 2 }], { id: 1 }, key, 9)).toEqual([{ id: 1 }, { id: 2 }])
  })

  it('puts new ones first and keeps the limit', () => {
    expect(upsert([{ id: 1 }, { id: 2 }], { id: 3 }, key, 2)).toEqual([{ id: 3 }, { id: 1 }])
  })
})
