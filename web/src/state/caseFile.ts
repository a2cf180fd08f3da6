import { onUnmounted, shallowRef, watch, type Ref } from 'vue'
import { api } from '@/api/client'
import type { CaseFile } from '@/api/types'
import { board, openCases } from './board'

const SETTLE_MS = 1_500

/** Everything about one incident, read again when live events say that it or its case has changed. */
export function useCaseFile(id: Ref<string>) {
  const file = shallowRef<CaseFile | null>(null)
  const problem = shallowRef<unknown>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    clearTimeout(timer)
    const asked = id.value
    try {
      const fresh = await api.incident(asked)
      if (asked !== id.value) return
      file.value = fresh
      problem.value = null
    } catch (error) {
      if (asked === id.value) problem.value = error
    }
  }

  function stamp(): string {
    const incident = board.value?.incidents.find((row) => row.incident.id === id.value)?.incident
    const ours = openCases.value.find((one) => one.incident === id.value)
    return `${incident?.version}/${ours?.version}`
  }

  watch(
    id,
    () => {
      file.value = null
      void load()
    },
    { immediate: true },
  )
  watch(stamp, () => {
    clearTimeout(timer)
    timer = setTimeout(() => void load(), SETTLE_MS)
  })
  onUnmounted(() => clearTimeout(timer))

  return { file, problem, load }
}
