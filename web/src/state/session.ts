import { computed, ref, shallowRef } from 'vue'
import { api, ApiError } from '@/api/client'
import type { Meta, Session } from '@/api/types'
import { timeZone } from '@/model/format'

export const session = shallowRef<Session | null>(null)
export const meta = shallowRef<Meta | null>(null)
/** Whether who is logged in belongs to the whole office and to no unit. */
export const ofOffice = computed(() => !session.value?.unit)

/** Whether the question "who am I" has been answered since the page was loaded. */
export const asked = ref(false)

/** Why the server could not even be asked who we are, if so. */
export const unreachable = shallowRef<unknown>(null)

export async function loadMeta(): Promise<void> {
  meta.value = await api.meta()
  timeZone.value = meta.value.time_zone
}

/** The session of the cookie, or null; other failures are the caller's. */
export async function askSession(): Promise<Session | null> {
  try {
    session.value = await api.session()
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error
    session.value = null
  }
  asked.value = true
  return session.value
}

/** Somebody is in: what a screen needs depends on who asks, and the way to the next page reads it anew. */
export function entered(fresh: Session): void {
  session.value = fresh
  asked.value = true
  meta.value = null
}

export async function logout(): Promise<void> {
  await api.logout()
  session.value = null
}
