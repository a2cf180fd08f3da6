import type { Chain, Chains, RosterView, Shift, Unit } from '@/api/manage'
import { code, t } from '@/i18n'

export interface Turn {
  since: string
  until: string
  members: string[]
  gap: boolean
  assumed: boolean
}

/** Turns and the times that nobody covers, in order. */
export function dayPlan({ plan, gaps }: Pick<RosterView, 'plan' | 'gaps'>): Turn[] {
  const turns = plan.map(({ since, until, members, assumed }) => ({ since, until, members, assumed, gap: false }))
  const missing = gaps.map(({ since, until }) => ({ since, until, members: [], assumed: false, gap: true }))
  return [...turns, ...missing].sort((a, b) => Date.parse(a.since) - Date.parse(b.since))
}

/** The chains that cases of a unit can climb: those that name it, those for all units, and what holds where none fits. */
export function escalationsOf(chains: Chains, unit: string): Chain[] {
  const used = chains.items.filter((one) => !one.disabled)
  const own = used.filter((one) => one.units.includes(unit))
  return [...own, ...used.filter((one) => !one.units.length), chains.default]
}

/** What a shift's days may be: kinds of days by China's calendar, in which a Saturday may be a workday, then weekdays. */
export const DAYS = ['workday', 'dayoff', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

export const dayName = (day: string): string => code('day', day)

/** On which days a shift is, in words; none means all. */
export function daysName(days: readonly string[]): string {
  const named = DAYS.filter((one) => days.includes(one)).map(dayName)
  return named.length ? named.join(t('common.separator')) : t('shift.everyDay')
}

/** A shift for a form to fill, with an id that none of the others has. */
export function newShift(others: readonly Shift[]): Shift {
  const taken = new Set(others.map((one) => one.id))
  let n = 1
  while (taken.has(`s${n}`)) n += 1
  return {
    id: `s${n}`,
    name: '',
    begin: '08:30',
    end: '17:30',
    days: ['workday'],
    members: [],
    rotate: 'together',
    since: null,
  }
}

/** Shifts as they are saved: where all are on duty together no turns are counted. */
export function shiftsToSave(shifts: readonly Shift[]): Shift[] {
  return shifts.map((one) => ({ ...one, since: one.rotate === 'together' ? null : one.since }))
}

/** A unit and all below it: what its people may change. */
export function below(units: readonly Pick<Unit, 'id' | 'parent'>[], top: string): Set<string> {
  const found = new Set([top])
  for (const id of found) for (const one of units) if (one.parent === id) found.add(one.id)
  return found
}
