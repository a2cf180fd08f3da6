import { describe, expect, it } from 'vitest'
import type { Case, Clock } from '@/api/types'
import { clockView, ticking } from '@/model/clocks'

const START = Date.parse('2026-06-01T00:00:00Z')
const HOUR = 3_600_000

const clock = (more: Partial<Clock> = {}): Clock => ({
  kind: 'answer-48h',
  name: '48 h',
  started_at: new Date(START).toISOString(),
  start_event: 'first_seen',
  limit: '48h',
  counts: 'natural',
  source: '',
  due_at: new Date(START + 48 * HOUR).toISOString(),
  pauses: [],
  stopped_at: null,
  warned: [],
  breached: false,
  note: '',
  extensions: [],
  of: null,
  ...more,
})

const holder = (id: string, clocks: Clock[], state: Case['state'] = 'handling'): Case =>
  ({ id, state, clocks }) as unknown as Case

describe('clockView', () => {
  it.each([
    ['running in its first half', clock(), 10, 'running'],
    ['at risk when less than a quarter is left', clock(), 37, 'atRisk'],
    ['at risk when the server warned', clock({ warned: [0.5] }), 10, 'atRisk'],
    ['breached after its due time', clock(), 49, 'breached'],
    ['breached when the server says so', clock({ breached: true }), 10, 'breached'],
    ['met when stopped in time', clock({ stopped_at: new Date(START + 9 * HOUR).toISOString() }), 60, 'met'],
    ['met late when stopped after it', clock({ stopped_at: new Date(START + 50 * HOUR).toISOString() }), 60, 'metLate'],
    ['unknown without a due time', clock({ due_at: null }), 10, 'unknown'],
  ] as const)('is %s', (_, given, hours, status) => {
    expect(clockView(given, START + hours * HOUR).status).toBe(status)
  })

  it('is paused while a pause is open and runs on after it', () => {
    const pause = { since: new Date(START + HOUR).toISOString(), who: 'a', reason: 'b' }
    expect(clockView(clock({ pauses: [{ ...pause, until: null }] }), START + 2 * HOUR).status).toBe('paused')
    const ended = { ...pause, until: new Date(START + 2 * HOUR).toISOString() }
    expect(clockView(clock({ pauses: [ended] }), START + 3 * HOUR).status).toBe('running')
  })

  it('counts down to zero and below', () => {
    expect(clockView(clock(), START + 47 * HOUR).left).toBe(HOUR)
    expect(clockView(clock(), START + 49 * HOUR).left).toBe(-HOUR)
  })

  it('keeps the share passed within 0 and 1', () => {
    expect(clockView(clock(), START - HOUR).passed).toBe(0)
    expect(clockView(clock(), START + 99 * HOUR).passed).toBe(1)
  })
})

describe('ticking', () => {
  it('puts the next due first, overdue ones before it', () => {
    const late = holder('late', [clock({ due_at: new Date(START + HOUR).toISOString() })])
    const soon = holder('soon', [clock({ due_at: new Date(START + 5 * HOUR).toISOString() })])
    const far = holder('far', [clock()])
    expect(ticking([far, soon, late], START + 2 * HOUR).map((one) => one.of.id)).toEqual(['late', 'soon', 'far'])
  })

  it('leaves out met clocks and closed cases', () => {
    const met = holder('met', [clock({ stopped_at: new Date(START + HOUR).toISOString() })])
    const closed = holder('closed', [clock()], 'closed')
    expect(ticking([met, closed], START + 2 * HOUR)).toEqual([])
  })
})
