import { computed } from 'vue'
import { staleOf } from '@/api/manage'
import { useAttempt } from './attempt'

/** Saving over the version that is on the screen: who was first, where it was refused for that, else what went wrong. */
export function useSaving() {
  const { busy, problem: refusal, attempt } = useAttempt()
  const stale = computed(() => staleOf(refusal.value))
  const problem = computed(() => (stale.value ? null : refusal.value))
  let last: (version: number) => Promise<unknown> = () => Promise.resolve()

  /** Do it over the version that was seen; whether it was done. */
  function save(seen: number, work: (version: number) => Promise<unknown>): Promise<boolean> {
    last = work
    return attempt(() => work(seen))
  }

  /** The same once more, over what the others made of it. */
  const again = (): Promise<boolean> => save(stale.value!.version, last)

  /** What the others made of it is on the screen now. */
  function settle(): void {
    refusal.value = null
  }

  return { busy, stale, problem, save, again, settle }
}
