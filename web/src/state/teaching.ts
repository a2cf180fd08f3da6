import { api } from '@/api/client'
import type { FoundPost, Taught } from '@/api/types'
import type { Kind } from '@/model/labels'
import { board, refresh } from './board'

const MOST_ALIKE = 20

/** Say what a post is; the board's figures follow. */
export async function correct(post: string, kind: Kind, label: string): Promise<Taught> {
  return followed(await api.correct(post, { [kind]: label }))
}

export async function withdraw(correction: string): Promise<Taught> {
  return followed(await api.withdraw(correction))
}

function followed(taught: Taught): Taught {
  if (board.value) void refresh()
  return taught
}

/** A list after one of its posts was corrected: that post, and those that say the same, as they are now. */
export async function afterTaught(items: FoundPost[], changed: FoundPost): Promise<FoundPost[]> {
  const alike = items.filter(({ post }) => post.group === changed.post.group && post.id !== changed.post.id)
  const fresh = await Promise.all(alike.slice(0, MOST_ALIKE).map(({ post }) => api.post(post.id)))
  const known = new Map([changed, ...fresh].map((found) => [found.post.id, found.post]))
  return items.map((found) => ({ ...found, post: known.get(found.post.id) ?? found.post }))
}
