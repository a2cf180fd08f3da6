import { onUnmounted, ref, shallowRef, watch, type Ref } from 'vue'
import { api } from '@/api/client'
import type { Case } from '@/api/types'
import type { View } from '@/model/inbox'
import { jurisdiction, openCases } from './board'

const PAGES = 10
const PAGE = 200

/** All open cases (or all closed ones), kept fresh by live events. */
export function useInbox(view: Ref<View>) {
  const cases = shallowRef<Case[]>([])
  const loaded = ref(false)
  const problem = shallowRef<unknown>(null)
  let asked = 0

  async function load(): Promise<void> {
    const mine = ++asked
    const wanted = view.value === 'closed' ? { state: 'closed' } : { open: true }
    try {
      const found = await readAll(wanted)
      if (mine !== asked) return
      cases.value = found
      problem.value = null
      loaded.value = true
    } catch (error) {
      if (mine === asked) problem.value = error
    }
  }

  /** Put in what an event or a move has told, unless what is here is newer. */
  function take(fresh: readonly Case[]): void {
    const known = new Map(cases.value.map((one) => [one.id, one]))
    for (const one of fresh) if ((known.get(one.id)?.version ?? 0) < one.version) known.set(one.id, one)
    cases.value = [...known.values()]
  }

  watch([() => view.value === 'closed', jurisdiction], () => void load(), { immediate: true })
  watch(openCases, (fresh, before) => {
    // A case that has just left the open ones is read again: events carry only what is open.
    const left = before.some((one) => !fresh.some((still) => still.id === one.id))
    if (left) void load()
    else take(fresh)
  })
  onUnmounted(() => asked++)

  return { cases, loaded, problem, load, take }
}

async function readAll(wanted: Record<string, string | boolean>): Promise<Case[]> {
  const found: Case[] = []
  let cursor: string | null = null
  for (let page = 0; page < PAGES; page++) {
    const answer = await api.cases({ ...wanted, jurisdiction: jurisdiction.value, cursor, limit: PAGE })
    found.push(...answer.items)
    if (!answer.cursor) break
    cursor = answer.cursor
  }
  return found
}
