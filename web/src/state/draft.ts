import { onUnmounted, ref, shallowRef, watch, type Ref } from 'vue'
import { api, ApiError } from '@/api/client'
import type { DraftView, SentenceWish } from '@/api/types'

/**
 * One draft with its evidence, read again when its version grows. Every change goes over the version that was on the
 * screen; when somebody else was first, `conflict` has the draft as it is now and nothing was written.
 */
export function useDraft(id: Ref<string>, version: Ref<number>, changed: () => void) {
  const view = shallowRef<DraftView | null>(null)
  const conflict = shallowRef<DraftView | null>(null)
  const problem = shallowRef<unknown>(null)
  const busy = ref(false)
  let gone = false

  async function load(): Promise<void> {
    const asked = id.value
    try {
      const fresh = await api.draftView(asked)
      if (!gone && asked === id.value) view.value = fresh
    } catch (error) {
      if (!gone && asked === id.value) problem.value = error
    }
  }

  async function change(work: (id: string) => Promise<DraftView>): Promise<boolean> {
    if (busy.value) return false
    const asked = id.value
    busy.value = true
    problem.value = null
    try {
      const fresh = await work(asked)
      if (asked === id.value) view.value = fresh
      conflict.value = null
      changed()
      return true
    } catch (error) {
      problem.value = error
      if (error instanceof ApiError && (error.kind === 'stale' || error.kind === 'conflict')) {
        await load()
        conflict.value = view.value
      }
      return false
    } finally {
      busy.value = false
    }
  }

  const edit = (sentences: SentenceWish[], why: string, over: number) =>
    change((of) => api.editDraft(of, sentences, why, over))
  const approve = (why: string, accept: boolean, over: number) =>
    change((of) => api.approveDraft(of, why, accept, over))
  const reject = (why: string, over: number) => change((of) => api.rejectDraft(of, why, over))

  watch(
    id,
    () => {
      view.value = conflict.value = problem.value = null
      void load()
    },
    { immediate: true },
  )
  watch(version, (now) => {
    if (now > (view.value?.draft.version ?? 0)) void load()
  })
  onUnmounted(() => (gone = true))

  return { view, conflict, problem, busy, edit, approve, reject }
}
