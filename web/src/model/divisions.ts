import type { Division } from '@/api/types'
import { shade } from './chart'
import { share } from './situation'

const CLASSES = 5

/** A part of the jurisdiction as it is drawn: its class of loudness among all, its negative share, whether nobody named it. */
export interface Part extends Division {
  shade: number
  share: number
  deaf: boolean
}

export function partsOf(divisions: readonly Division[]): Part[] {
  const top = Math.max(0, ...divisions.map((one) => one.posts))
  return divisions.map((one) => ({
    ...one,
    shade: shade(one.posts, top, CLASSES),
    share: share(one.negative, one.posts),
    deaf: one.week === 0,
  }))
}

/** The loudest `most`, in the order of their codes. */
export function loudest(parts: readonly Part[], most: number): Part[] {
  if (parts.length <= most) return [...parts]
  const chosen = [...parts].sort((a, b) => b.posts - a.posts || b.week - a.week).slice(0, most)
  return chosen.sort((a, b) => (a.code < b.code ? -1 : 1))
}
