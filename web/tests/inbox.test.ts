import { beforeEach, describe, expect, it } from 'vitest'
import type { AuditRow, Case } from '@/api/types'
import { happenings } from '@/model/audit'
import { chosen, inboxQuery, nextClock, viewOf, type InboxQuery } from '@/model/inbox'
import { forgetView, keepView, savedViews } from '@/model/savedViews'
import { inverse, undoable } from '@/model/undo'

const NOW = Date.parse('2026-06-01T10:00:00Z')
const hours = (n: number): string => new Date(NOW + n * 3_600_000).toISOString()

function one(id: string, more: Partial<Case> = {}, due: number | null = null): Case {
  const clock = { kind: 'answer', name: '', limit: '', counts: 'natural', source: '', pauses: [], warned: [], note: '' }
  const clocks =
    due === null
      ? []
      : [
          {
            ...clock,
            started_at: hours(-1),
            start_event: '',
            due_at: hours(due),
            stopped_at: null,
            breached: false,
          },
        ]
  const base = { id, incident: id, jurisdiction: '1', title: id, state: 'emerging', level: 3, version: 1, heat: 1 }
  return {
    ...base,
    ...{ rule: '', opened_at: hours(-2), updated_at: hours(-1), unit: null, support: [], owner: null, domain: 'none' },
    ...{ place: null, reasons: [], answer: null, answered_at: null, evaluation: {}, peak_level: 3, level_set_by: null },
    clocks,
    ...more,
  } as Case
}

const names = { unit: (id: string | null) => (id === 'water' ? '水务局' : ''), place: () => '' }
const ids = (cases: Case[], query: InboxQuery): string[] => chosen(cases, query, '甲', NOW, names).map(({ id }) => id)

describe('inbox', () => {
  it('reads known names from the address and falls back to all open cases', () => {
    expect(inboxQuery({ view: 'mine', evil: 'x', q: ' 水 ', level: ['1', '2'] })).toEqual({ view: 'mine', q: '水' })
    expect(viewOf({ view: 'nonsense' })).toBe('open')
  })

  it('puts the gravest first and among them what is due first', () => {
    expect(ids([one('a', {}, 5), one('b', { level: 1 }), one('c', {}, 2), one('d')], {})).toEqual(['b', 'c', 'a', 'd'])
  })

  it('has views for what waits, what is mine, and what is pressing', () => {
    const cases = [
      one('late', {}, -1),
      one('mine', { owner: '甲', state: 'handling' }, 900),
      one('shut', { state: 'closed' }),
    ]
    expect(ids(cases, { view: 'due' })).toEqual(['late'])
    expect(ids(cases, { view: 'mine' })).toEqual(['mine'])
    expect(ids(cases, { view: 'new' })).toEqual(['late'])
    expect(ids(cases, { view: 'closed' })).toEqual(['shut'])
    expect(ids(cases, {})).toEqual(['late', 'mine'])
  })

  it('finds a case by all words of its title or unit', () => {
    const cases = [one('滨江路停水', { unit: 'water' }), one('滨江路噪音')]
    expect(ids(cases, { q: '滨江 水务' })).toEqual(['滨江路停水'])
  })

  it('shows the clock that is due next and none when all have stopped', () => {
    expect(nextClock(one('a', {}, 3), NOW)?.left).toBe(3 * 3_600_000)
    expect(nextClock(one('a'), NOW)).toBeNull()
  })
})

describe('saved views', () => {
  beforeEach(() => localStorage.clear())

  it('belong to a person, replace their namesake and can be forgotten', () => {
    keepView('甲', { name: '水', query: { unit: 'water' } })
    keepView('甲', { name: '水', query: { level: '1' } })
    expect(savedViews('甲')).toEqual([{ name: '水', query: { level: '1' } }])
    expect(savedViews('乙')).toEqual([])
    expect(forgetView('甲', '水')).toEqual([])
  })

  it('survive rubbish in the browser’s storage', () => {
    localStorage.setItem('huiying.views.甲', '{"a":')
    expect(savedViews('甲')).toEqual([])
  })
})

describe('undo', () => {
  it('takes back what has a way back, as it was before', () => {
    expect(inverse('assign', one('a', { unit: 'water', owner: '乙' }), '撤销')).toEqual({
      move: 'assign',
      body: { unit: 'water', owner: '乙', why: '撤销' },
    })
    expect(inverse('level', one('a', { level: 2 }), '撤销')?.body).toEqual({ level: 2, why: '撤销' })
    expect(inverse('merge', one('a'), '撤销', { case: 'b' })).toEqual({
      move: 'split',
      body: { case: 'b', why: '撤销' },
    })
    expect(inverse('split', one('a'), '撤销', { case: 'b' })).toEqual({
      move: 'merge',
      body: { case: 'b', why: '撤销' },
    })
  })

  it('takes an extension and a tick back by what was filled in, and puts a note back with its tick', () => {
    expect(inverse('extend', one('a'), '撤销', { clock: 'answer', by: '24h' })).toEqual({
      move: 'unextend',
      body: { clock: 'answer', why: '撤销' },
    })
    expect(inverse('tick', one('a'), '撤销', { step: 'visit' })?.body).toEqual({ step: 'visit', why: '撤销' })
    const ticks = [{ step: 'visit', at: hours(0), who: '甲', note: '已回访', of: null }]
    expect(inverse('untick', one('a', { ticks }), '撤销', { step: 'visit' })?.body).toMatchObject({ note: '已回访' })
  })

  it('offers the extension that a clock stands by in the history, and no other', () => {
    const extended = one('a', {}, 5)
    const more = { at: hours(0), by: '1h', who: '甲', reason: '', warned: [], breached: false }
    const clocks = extended.clocks.map((clock) => ({ ...clock, extensions: [more] }))
    const row = (id: string, at: number, clock: string): AuditRow => ({
      ...{ id, at: hours(at), object: 'a', action: 'case.extended', jurisdiction: '1', who: '甲', why: '' },
      detail: { clock, by: '1h' },
    })
    const rows = [row('old', -1, 'answer'), row('now', 0, 'answer'), row('other', 0, 'utility')]
    expect(undoable({ ...extended, clocks }, ['unextend'], rows)).toEqual(['now'])
    expect(undoable({ ...extended, clocks }, ['extend'], rows)).toEqual([])
    const stopped = clocks.map((clock) => ({ ...clock, stopped_at: hours(1) }))
    expect(undoable({ ...extended, clocks: stopped }, ['unextend'], rows)).toEqual([])
  })

  it('offers none where there is none', () => {
    expect(inverse('ack', one('a'), '')).toBeNull()
    expect(inverse('assign', one('a'), '')).toBeNull()
  })
})

describe('timeline', () => {
  it('puts changes, notices and posts in one order, newest first', () => {
    const row = (id: string, at: number, action: string): AuditRow => ({
      ...{ id, at: hours(at), action, object: 'c', jurisdiction: '1', who: 'system', why: '', detail: {} },
    })
    const found = happenings(
      [row('1', -3, 'case.opened'), row('2', -1, 'clock.warning')],
      [{ post: { id: 'p', at: hours(-2) }, copies: 1 } as never],
    )
    expect(found.map(({ kind }) => kind)).toEqual(['notice', 'post', 'change'])
  })
})
