import type { Bucket, IncidentWithCase } from '@/api/types'
import { byLevelAndHeat } from './situation'

const HOUR = 3_600_000
const ROWS = 3
const SHORT = 12

/** An incident marked on a chart of hours: in which column, in which line above it, and what is written beside it. */
export interface Mark {
  id: string
  title: string
  short: string
  level: number
  place: number
  row: number
  /** Written to the left of its sign: there is no room on the right. */
  flip: boolean
}

/** The gravest incidents that were raised in these hours, each in a line of its own. */
export function marksOf(incidents: readonly IncidentWithCase[], hours: readonly Bucket[]): Mark[] {
  if (!hours.length) return []
  const begin = Date.parse(hours[0]!.at)
  return byLevelAndHeat(incidents)
    .map(({ incident, case: one }) => ({
      incident,
      one,
      place: Math.floor((Date.parse(incident.raised_at) - begin) / HOUR),
    }))
    .filter(({ one, place }) => one !== null && place >= 0 && place < hours.length)
    .slice(0, ROWS)
    .map(({ incident, one, place }, row) => ({
      id: incident.id,
      title: incident.title,
      short: shortened(incident.title),
      level: one!.level,
      place,
      row,
      flip: place > hours.length / 2,
    }))
}

/** The first characters as a reader counts them, so that an emoji is not cut in two. */
export function shortened(text: string, most = SHORT): string {
  const letters = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text.slice(0, 20 * most))]
  return letters.length > most
    ? `${letters
        .slice(0, most)
        .map((one) => one.segment)
        .join('')}…`
    : text
}
