import { ApiError } from '@/api/client'
import type { Problem } from '@/api/types'
import { fill, t, template, worded } from '@/i18n'

/** What went wrong, in the reader's language where the catalogue knows it. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error)
  const { status, problem, kind } = error
  const known = template(`problem.${kind}`)
  if (known !== undefined) return fill(known, { users: usersOf(problem) })
  if (status === 0) return t('error.unreachable')
  if (status === 403) return t('error.forbidden')
  if (status === 404) return t('error.notFound')
  if (status >= 500) return t('error.server', { status })
  return problem.detail ?? problem.title
}

/** The names of what keeps a thing from being taken away. */
function usersOf(problem: Problem): string {
  return (problem.users ?? []).map((one) => worded(one.name) || one.id).join(t('common.separator'))
}
