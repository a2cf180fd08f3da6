import { ref, shallowRef } from 'vue'
import { api, ApiError } from '@/api/client'
import type { Meta, Session } from '@/api/types'
import { locale } from '@/i18n'
import { timeZone } from '@/model/format'

export const session = shallowRef<Session | null>(null)
export const meta = shallowRef<Meta | null>(null)

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

export async function entered(fresh: Session): Promise<void> {
  session.value = fresh
  asked.value = true
  await loadMeta()
}

export async function logout(): Promise<void> {
  await api.logout()
  session.value = null
}

/** A unit's name, or its id when it is not known here. */
export function unitName(id: string | null): string {
  return meta.value?.units.find((unit) => unit.id === id)?.name ?? id ?? ''
}

export function jurisdictionName(code: string): string {
  return meta.value?.jurisdictions.find((one) => one.code === code)?.name ?? code
}

/** The office's own name of a level (特别重大 …), empty when the policy gives none. */
export function levelName(level: number): string {
  return meta.value?.levels.find((one) => one.level === level)?.name[locale.value] ?? ''
}
