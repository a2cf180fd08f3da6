import { onUnmounted, shallowRef, watch, type Ref } from 'vue'
import type { AuditRow, CaseFile } from '@/api/types'
import { actionName } from '@/model/audit'
import { board, draftListeners, openCases } from './board'
import { session } from './session'

const SETTLE_MS = 1_500

/** What somebody else has just done to the case on the screen. */
export interface News {
  who: string
  what: string
}

/** Everything about one incident or case, read again when live events say that it has changed. */
export function useCaseFile(id: Ref<string>, read: (id: string) => Promise<CaseFile>) {
  const file = shallowRef<CaseFile | null>(null)
  const problem = shallowRef<unknown>(null)
  const news = shallowRef<News | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    clearTimeout(timer)
    const asked = id.value
    try {
      const fresh = await read(asked)
      if (asked !== id.value) return
      if (file.value) news.value = newsIn(file.value.audit, fresh.audit) ?? news.value
      file.value = fresh
      problem.value = null
    } catch (error) {
      if (asked === id.value) problem.value = error
    }
  }

  function loadSoon(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void load(), SETTLE_MS)
  }

  function onDraft(caseId: string): void {
    if (caseId === file.value?.case?.id) loadSoon()
  }

  function stamp(): string {
    const incident = file.value?.incident.id
    const seen = board.value?.incidents.find((row) => row.incident.id === incident)?.incident
    const ours = openCases.value.find((one) => one.incident === incident)
    return `${incident}/${seen?.version}/${ours?.version}`
  }

  watch(
    id,
    () => {
      file.value = null
      news.value = null
      void load()
    },
    { immediate: true },
  )
  watch(stamp, (_, before) => {
    if (!before.startsWith('undefined/')) loadSoon()
  })
  draftListeners.add(onDraft)
  onUnmounted(() => {
    clearTimeout(timer)
    draftListeners.delete(onDraft)
  })

  return { file, problem, load, news }
}

/** The newest change by another person between two readings; one's own are no news. */
function newsIn(before: readonly AuditRow[], after: readonly AuditRow[]): News | null {
  const known = new Set(before.map((row) => row.id))
  const others = after.filter((row) => !known.has(row.id) && row.who !== 'system' && row.who !== session.value?.name)
  const last = others.at(-1)
  return last ? { who: last.who, what: actionName(last.action) } : null
}
