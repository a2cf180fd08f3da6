import { ref } from 'vue'
import { en } from './en'
import { zhHans } from './zh-Hans'
import { zhHant } from './zh-Hant'

export type Key = keyof typeof zhHans
export type Catalogue = Record<Key, string>
export type Locale = 'zh-Hans' | 'zh-Hant' | 'en'

export const LOCALES: readonly { id: Locale; name: string }[] = [
  { id: 'zh-Hans', name: '简体' },
  { id: 'zh-Hant', name: '繁體' },
  { id: 'en', name: 'English' },
]

const CATALOGUES: Record<Locale, Catalogue> = { 'zh-Hans': zhHans, 'zh-Hant': zhHant, en }
const KEPT = 'huiying.locale'

export type Figures = Record<string, string | number>

export const locale = ref<Locale>(kept())

function kept(): Locale {
  const value = localStorage.getItem(KEPT)
  return LOCALES.find((known) => known.id === value)?.id ?? 'zh-Hans'
}

export function chooseLocale(choice: Locale): void {
  locale.value = choice
  localStorage.setItem(KEPT, choice)
  document.documentElement.lang = choice
}

/** Put `figures` into the `{name}` places of a template; a place without a figure stays visible. */
export function fill(template: string, figures: Figures = {}): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => String(figures[name] ?? place))
}

/** The text of `key` in the reader's language. */
export function t(key: Key, figures?: Figures): string {
  return fill(CATALOGUES[locale.value][key], figures)
}

/** The template of a key that may not exist (codes come from data, so new ones appear before their translation). */
export function template(key: string): string | undefined {
  return (CATALOGUES[locale.value] as Record<string, string | undefined>)[key]
}

/** A code of a family (`sentiment`, `state`, ...) in the reader's language; an unknown one is shown as it is. */
export function code(family: string, value: string): string {
  return template(`${family}.${value}`) ?? value
}
