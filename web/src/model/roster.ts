import type { Chain, Chains, RosterView } from '@/api/manage'

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
