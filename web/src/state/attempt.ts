import { ref, shallowRef } from 'vue'

/** Work that may fail: whether it is going on, and what went wrong the last time. */
export function useAttempt() {
  const busy = ref(false)
  const problem = shallowRef<unknown>(null)

  /** Do it; whether it was done. */
  async function attempt(work: () => Promise<unknown>): Promise<boolean> {
    busy.value = true
    problem.value = null
    try {
      await work()
      return true
    } catch (error) {
      problem.value = error
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, problem, attempt }
}
