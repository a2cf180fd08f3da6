import type { PostFilters } from '@/api/client'

const NAMES = [
  'q',
  'sentiment',
  'domain',
  'source',
  'platform',
  'place',
  'incident',
  'span',
  'since',
  'until',
  'jurisdiction',
  'fold',
] as const

/**
 * A search as the address bar keeps it; `span` is hours back from now (else `since` and `until` hold), `fold` is on
 * unless it is `0`.
 */
export type Search = Partial<Record<(typeof NAMES)[number], string>>

/** The search in a query string: known names with a text, nothing else. */
export function searchOf(query: Record<string, unknown>): Search {
  const search: Search = {}
  for (const name of NAMES) {
    const value = query[name]
    if (typeof value === 'string' && value.trim()) search[name] = value.trim()
  }
  return search
}

const HOUR = 3_600_000

/** What the API is asked for; the beginning of a span is rounded to the minute, so that pages agree. */
export function filtersOf({ span, fold, ...rest }: Search, now: number): PostFilters {
  const hours = Number(span)
  const since = Math.floor((now - hours * HOUR) / 60_000) * 60_000
  return { ...rest, fold: fold !== '0', limit: 50, ...(hours > 0 ? { since: new Date(since).toISOString() } : {}) }
}

/** The end of the hour that begins at `at`. */
export const hourAfter = (at: string): string => new Date(Date.parse(at) + HOUR).toISOString()
