import type { Case } from '@/api/types'

export interface Inverse {
  move: string
  body: Record<string, unknown>
}

/**
 * The move that takes another one back, given the case as it was before, and the other case where two took part; null
 * where there is none.
 */
export function inverse(move: string, before: Case, why: string, other = ''): Inverse | null {
  switch (move) {
    case 'assign':
      return before.unit ? { move: 'assign', body: { unit: before.unit, owner: before.owner, why } } : null
    case 'level':
      return { move: 'level', body: { level: before.level, why } }
    case 'pause':
      return { move: 'resume', body: { why } }
    case 'resume':
      return { move: 'pause', body: { why } }
    case 'merge':
      return { move: 'split', body: { case: other, why } }
    case 'split':
      return { move: 'merge', body: { case: other, why } }
    case 'close':
      return { move: 'reopen', body: { why } }
    default:
      return null
  }
}
