import type { Board, Bucket, Case, IncidentWithCase, UsualHour } from '@/api/types'

/** Level that incidents without a case sort by: after all real levels. */
const NO_LEVEL = 5

export const isOpen = (one: Case | null): one is Case => one !== null && one.state !== 'closed'

const rank = (row: IncidentWithCase): number => (isOpen(row.case) ? row.case.level : NO_LEVEL)

/** Incidents as a leader reads them: gravest open level first, hottest first within it. */
export function byLevelAndHeat(rows: readonly IncidentWithCase[]): IncidentWithCase[] {
  return [...rows].sort((a, b) => rank(a) - rank(b) || b.incident.heat - a.incident.heat)
}

/** How many open cases each level has, gravest first, only levels that occur. */
export function levelCounts(cases: readonly Case[]): { level: number; n: number }[] {
  const counts = new Map<number, number>()
  for (const one of cases.filter(isOpen)) counts.set(one.level, (counts.get(one.level) ?? 0) + 1)
  return [...counts].map(([level, n]) => ({ level, n })).sort((a, b) => a.level - b.level)
}

export interface Trend {
  posts: number
  /** Relative change of posts against the span before; null when there were none. */
  postsChange: number | null
  negativeShare: number
  /** Change of the negative share in percentage points; null when there were no posts before. */
  negativePoints: number | null
}

export const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)

export const SENTIMENTS = ['negative', 'neutral', 'positive', 'unsure'] as const

/** Posts of an hour by sentiment; those that none of the three claims are the ones it is unsure of. */
export function sentiments({
  posts,
  negative,
  neutral,
  positive,
}: Bucket): Record<(typeof SENTIMENTS)[number], number> {
  return { negative, neutral, positive, unsure: Math.max(0, posts - negative - neutral - positive) }
}

/** How many more posts than usual came in the hours whose usual is known; null where none is. The last hour is not over. */
export function againstUsual(hours: readonly Bucket[], usual: readonly UsualHour[]): number | null {
  const over = hours.slice(0, -1).map((hour, place) => ({ posts: hour.posts, usual: usual[place]?.posts ?? null }))
  const known = over.filter((one) => one.usual !== null)
  const before = known.reduce((sum, one) => sum + one.usual!, 0)
  return before > 0 ? known.reduce((sum, one) => sum + one.posts, 0) / before - 1 : null
}

/** The last hours against the same span before. */
export function trend(board: Pick<Board, 'figures' | 'previous'>): Trend {
  const { figures, previous } = board
  const now = share(figures.negative, figures.posts)
  return {
    posts: figures.posts,
    postsChange: previous.posts > 0 ? figures.posts / previous.posts - 1 : null,
    negativeShare: now,
    negativePoints: previous.posts > 0 ? Math.round(100 * (now - share(previous.negative, previous.posts))) : null,
  }
}

/** Put `fresh` into `list` in place of the one with the same key, or at its head; at most `limit` stay. */
export function upsert<T>(list: readonly T[], fresh: T, key: (item: T) => string, limit: number): T[] {
  const at = list.findIndex((item) => key(item) === key(fresh))
  if (at >= 0) return list.map((item, index) => (index === at ? fresh : item))
  return [fresh, ...list].slice(0, limit)
}
