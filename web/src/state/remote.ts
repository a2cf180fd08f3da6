import { ref, shallowRef } from 'vue'

/** What a page reads from the server: its value, whether it is there yet, and what went wrong. */
export function useRemote<T>(read: () => Promise<T>) {
  const value = shallowRef<T | null>(null)
  const problem = shallowRef<unknown>(null)
  const busy = ref(false)

  async function load(): Promise<void> {
    busy.value = true
    try {
      value.value = await read()
      problem.value = null
    } catch (error) {
      problem.value = error
    } finally {
      busy.value = false
    }
  }

  /** Do something that changes it, then read it again; whether it was done. */
  async function change(work: () => Promise<unknown>): Promise<boolean> {
    busy.value = true
    try {
      await work()
      await load()
      return true
    } catch (error) {
      problem.value = error
      return false
    } finally {
      busy.value = false
    }
  }

  void load()
  return { value, problem, busy, load, change }
}
