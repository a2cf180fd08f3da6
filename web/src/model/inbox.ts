import type { Case } from '@/api/types'
import { clockView, type ClockView } from './clocks'

export const VIEWS = ['new', 'mine', 'due', 'open', 'wrapup', 'closed'] as const
export type View = (typeof VIEWS)[number]

export const SORTS = ['grave', 'due', 'heat', 'newest'] as const
export type Sort = (typeof SORTS)[number]

const NAMES = ['view', 'level', 'unit', 'domain', 'q', 'sort'] as const

/** The inbox as the address bar keeps it. */
export type InboxQuery = Partial<Record<(typeof NAMES)[number], string>>

/** What the address asks for: known names with a text, nothing else. */
export function inboxQuery(query: Record<string, unknown>): InboxQuery {
  const found: InboxQuery = {}
  for (const name of NAMES) {
    const value = query[name]
    if (typeof value === 'string' && value.trim()) found[name] = value.trim()
  }
  return found
}

export function viewOf(query: InboxQuery): View {
  return VIEWS.find((view) => view === query.view) ?? 'open'
}

export function sortOf(query: InboxQuery): Sort {
  return SORTS.find((sort) => sort === query.sort) ?? 'grave'
}

/** The clock of a case that is due next, or null when none is running. */
export function nextClock(one: Case, now: number): ClockView | null {
  const running = one.clocks
    .map((clock) => clockView(clock, now))
    .filter((view) => view.status === 'running' || view.status === 'atRisk' || view.status === 'breached')
  running.sort((a, b) => (a.left ?? Infinity) - (b.left ?? Infinity))
  return running[0] ?? null
}

const isPressing = (one: Case, now: number): boolean => {
  const next = nextClock(one, now)
  return next !== null && next.status !== 'running'
}

const IN_VIEW: Record<View, (one: Case, me: string, now: number) => boolean> = {
  new: (one) => one.state === 'emerging',
  mine: (one, me) => one.owner === me && one.state !== 'closed',
  due: (one, _me, now) => one.state !== 'closed' && isPressing(one, now),
  open: (one) => one.state !== 'closed',
  wrapup: (one) => one.state === 'answered' || one.state === 'evaluated',
  closed: (one) => one.state === 'closed',
}

export function inView(one: Case, view: View, me: string, now: number): boolean {
  return IN_VIEW[view](one, me, now)
}

/** What a case is found by; the names of its unit and place are the caller's. */
export interface Names {
  unit(id: string | null): string
  place(code: string | null): string
}

function hasWords(one: Case, words: string, names: Names): boolean {
  const text = `${one.title} ${names.unit(one.unit)} ${names.place(one.place)} ${one.owner ?? ''}`.toLowerCase()
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

const DUE = (one: Case, now: number): number => nextClock(one, now)?.left ?? Infinity

const ORDERS: Record<Sort, (a: Case, b: Case, now: number) => number> = {
  grave: (a, b, now) => a.level - b.level || compare(DUE(a, now), DUE(b, now)) || b.heat - a.heat,
  due: (a, b, now) => compare(DUE(a, now), DUE(b, now)) || a.level - b.level,
  heat: (a, b) => b.heat - a.heat,
  newest: (a, b) => Date.parse(b.opened_at) - Date.parse(a.opened_at),
}

const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1)

/** The cases that the address asks for, in its order. */
export function chosen(cases: readonly Case[], query: InboxQuery, me: string, now: number, names: Names): Case[] {
  const order = ORDERS[sortOf(query)]
  return cases
    .filter((one) => inView(one, viewOf(query), me, now))
    .filter((one) => !query.level || String(one.level) === query.level)
    .filter((one) => !query.unit || one.unit === query.unit)
    .filter((one) => !query.domain || one.domain === query.domain)
    .filter((one) => !query.q || hasWords(one, query.q, names))
    .sort((a, b) => order(a, b, now) || a.id.localeCompare(b.id))
}
