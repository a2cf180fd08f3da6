import { api, ApiError } from '@/api/client'
import type { Case } from '@/api/types'
import { code, t } from '@/i18n'
import { count } from '@/model/format'
import { moveBody, movePath, type Field } from '@/model/moves'
import { inverse } from '@/model/undo'
import { refresh } from './board'
import { say } from './toast'

export interface Outcome {
  before: Case
  /** The case as it is now; as it was when the move failed. */
  fresh: Case
  error: unknown
}

/**
 * The same move for each of these cases, each only if it is still at the version that was on the screen; what succeeded
 * is said, with a way back where there is one.
 */
export async function doMove(
  cases: readonly Case[],
  move: string,
  values: Partial<Record<Field, string>>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const before of cases) {
    try {
      const { case: fresh } = await api.move(before.id, movePath(move), moveBody(values, before.version))
      outcomes.push({ before, fresh, error: null })
    } catch (error) {
      outcomes.push({ before, fresh: before, error })
    }
  }
  const done = outcomes.filter((one) => one.error === null)
  if (done.length) told(done, move, values)
  return outcomes
}

function told(done: readonly Outcome[], move: string, values: Partial<Record<Field, string>>): void {
  const name = code('move', move)
  const text =
    done.length === 1 ? t('moves.done', { move: name }) : t('bulk.done', { move: name, n: count(done.length) })
  const back = done.map((one) => ({ ...one, way: inverse(move, one.before, t('toast.undo'), values) }))
  say(text, back.every((one) => one.way) ? () => takeBack(back) : null)
}

async function takeBack(back: readonly (Outcome & { way: ReturnType<typeof inverse> })[]): Promise<void> {
  for (const { fresh, way } of back) {
    // Somebody who acted meanwhile is not overruled: the version says so, and the server answers 409.
    await api.move(fresh.id, way!.move, { ...way!.body, version: fresh.version })
  }
  await refresh()
}

/** Whether a refusal means that somebody else has changed the case meanwhile. */
export function isStale(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && !error.problem.possible
}
