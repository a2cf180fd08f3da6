import type { Board } from '@/api/types'

/** Names of the division codes that occur on the board (the counts carry codes alone). */
export function placeNames(board: Pick<Board, 'incidents' | 'posts'>): Map<string, string> {
  const names = new Map<string, string>()
  for (const { incident } of board.incidents) for (const { code, name } of incident.places) names.set(code, name)
  for (const { post } of board.posts) for (const { code, name } of post.labels.places) names.set(code, name)
  return names
}
