import type { Clock } from '@/api/types'
import { code, locale, template } from '@/i18n'
import { meta } from './session'

/** A unit's name, or its id when it is not known here. */
export function unitName(id: string | null): string {
  return meta.value?.units.find((unit) => unit.id === id)?.name ?? id ?? ''
}

/** The office's own word for a level, as its policy gives it. */
export function levelWord(level: number): string {
  return meta.value?.levels.find((one) => one.level === level)?.name[locale.value] ?? code('level', String(level))
}

/** What a level of the national scale means; empty where the office uses a scale of its own. */
export function levelMeaning(level: number): string {
  return levelWord(level) === template(`level.${level}`) ? code('levelName', String(level)) : ''
}

/** A clock's name: a case carries the office's Chinese one, the default kinds are known in every language. */
export function clockName(clock: Pick<Clock, 'kind' | 'name'>): string {
  if (locale.value === 'zh-Hans') return clock.name
  return template(`clockName.${clock.kind}`) ?? clock.name
}

/** A place's name in this deployment, or its code. */
export function placeName(place: string | null): string {
  if (place === null) return ''
  const whole = meta.value?.jurisdictions.find((one) => one.code === place)?.name
  return meta.value?.places?.[place] ?? whole ?? place
}
