import type { Board } from '@/api/types'

/** Names of division codes: those that the server lists, and those that occur on the board (counts carry codes alone). */
export function placeNames(
  listed: Record<string, string>,
  board: Pick<Board, 'incidents' | 'posts'> | null,
): Map<string, string> {
  const names = new Map(Object.entries(listed))
  if (board === null) return names
  for (const { incident } of board.incidents) for (const { code, name } of incident.places) names.set(code, name)
  for (const { post } of board.posts) for (const { code, name } of post.labels.places) names.set(code, name)
  return names
}
