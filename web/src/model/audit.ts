import type { AuditRow, FoundPost } from '@/api/types'
import { template } from '@/i18n'

/** The name of what was done; `case.opened` and `opened` are the same action. */
export function actionName(name: string): string {
  return template(`audit.${name}`) ?? template(`audit.case.${name}`) ?? template(`move.${name}`) ?? name
}

export type Happening =
  | { kind: 'change' | 'notice'; id: string; at: string; row: AuditRow }
  | { kind: 'post'; id: string; at: string; found: FoundPost }

/** Changes, notices and posts in one list, newest first. */
export function happenings(rows: readonly AuditRow[], posts: readonly FoundPost[]): Happening[] {
  const all: Happening[] = [
    ...rows.map((row) => ({ kind: kindOf(row), id: row.id, at: row.at, row })),
    ...posts.map((found) => ({ kind: 'post' as const, id: found.post.id, at: found.post.at, found })),
  ]
  return all.sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
}

function kindOf(row: AuditRow): 'change' | 'notice' {
  return /^(notice|clock|delivery|escalation)\./.test(row.action) ? 'notice' : 'change'
}
