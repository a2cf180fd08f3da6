import { shallowRef } from 'vue'
import { useAttempt } from './attempt'

/** What a page reads from the server: its value, whether it is there yet, and what went wrong. */
export function useRemote<T>(read: () => Promise<T>) {
  const value = shallowRef<T | null>(null)
  const { busy, problem, attempt } = useAttempt()

  const load = () => attempt(async () => (value.value = await read()))

  /** Do something that changes it, then read it again; whether it was done. */
  const change = (work: () => Promise<unknown>): Promise<boolean> =>
    attempt(async () => {
      await work()
      await load()
    })

  void load()
  return { value, problem, busy, load, change }
}
