import type { AuditRow, Case } from '@/api/types'
import type { Field } from './moves'

export interface Inverse {
  move: string
  body: Record<string, unknown>
}

/** The move that takes another one back, given the case as it was before and what was filled in; null where there is none. */
export function inverse(
  move: string,
  before: Case,
  why: string,
  given: Partial<Record<Field, string>> = {},
): Inverse | null {
  switch (move) {
    case 'assign':
      return before.unit ? { move: 'assign', body: { unit: before.unit, owner: before.owner, why } } : null
    case 'level':
      return { move: 'level', body: { level: before.level, why } }
    case 'pause':
      return { move: 'resume', body: { why } }
    case 'resume':
      return { move: 'pause', body: { why } }
    case 'extend':
      return { move: 'unextend', body: { clock: given.clock, why } }
    case 'tick':
      return { move: 'untick', body: { step: given.step, why } }
    case 'untick':
      return { move: 'tick', body: { step: given.step, note: noteOf(before, given.step), why } }
    case 'merge':
      return { move: 'split', body: { case: given.case, why } }
    case 'split':
      return { move: 'merge', body: { case: given.case, why } }
    case 'close':
      return { move: 'reopen', body: { why } }
    default:
      return null
  }
}

function noteOf(one: Case, step: string | undefined): string {
  return one.ticks.find((tick) => tick.step === step)?.note ?? ''
}

/** Rows of the audit that can be taken back from there: the extensions that clocks stand by now. */
export function undoable(one: Case, moves: readonly string[], rows: readonly AuditRow[]): string[] {
  if (!moves.includes('unextend')) return []
  const given = rows.filter((row) => row.object === one.id && row.action === 'case.extended')
  return one.clocks.flatMap((clock) => {
    const at = clock.stopped_at === null ? Date.parse(clock.extensions.at(-1)?.at ?? '') : NaN
    const row = given.filter((said) => said.detail['clock'] === clock.kind && Date.parse(said.at) === at).at(-1)
    return row ? [row.id] : []
  })
}
