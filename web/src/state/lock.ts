import { ref, watch } from 'vue'
import { api, ApiError } from '@/api/client'
import { asked, session } from './session'

/** The console is locked: nobody had a hand on it for a while, and its session opens nothing until the password is given. */
export const locked = ref(false)

const CHECK_MS = 5_000
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

let last = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

const seen = (): void => {
  last = Date.now()
}

/** Watch for hands while somebody is logged in whose session says after how many minutes it locks. */
export function startIdleLock(): void {
  for (const sign of SIGNS) addEventListener(sign, seen, { passive: true })
  watch(
    session,
    (now) => {
      clearInterval(timer)
      seen()
      const minutes = now?.idle_minutes ?? 0
      if (minutes > 0) timer = setInterval(() => void check(minutes), CHECK_MS)
    },
    { immediate: true },
  )
}

async function check(minutes: number): Promise<void> {
  if (locked.value || Date.now() - last < minutes * 60_000) return
  // What is on the screen is hidden at once, whether the server can be reached or not.
  locked.value = true
  try {
    await api.lock()
  } catch {
    // Without the server nothing can be read either; unlocking asks it.
  }
}

/** Whether an error says that the session is locked, in this window or in another one. */
export function isLocked(error: unknown): boolean {
  return error instanceof ApiError && error.kind === 'locked'
}

/** Give the password back; throws what the server says against it. */
export async function unlock(password: string): Promise<void> {
  try {
    session.value = await api.unlock(password)
  } catch (error) {
    // Another window has unlocked it, or the lock never reached the server: who we are decides.
    if (!(error instanceof ApiError) || error.kind !== 'not-locked') throw error
    session.value = await api.login(session.value?.name ?? '', password)
  }
  asked.value = true
  seen()
  locked.value = false
}
