import { ref } from 'vue'
import { consoleEn } from './console/en'
import { consoleZhHans } from './console/zh-Hans'
import { consoleZhHant } from './console/zh-Hant'
import { en } from './en'
import { zhHans } from './zh-Hans'
import { zhHant } from './zh-Hant'

export type Key = keyof typeof zhHans | keyof typeof consoleZhHans
/** What the wall's file of a language holds. */
export type Catalogue = Record<keyof typeof zhHans, string>
export type Locale = 'zh-Hans' | 'zh-Hant' | 'en'

export const LOCALES: readonly { id: Locale; name: string }[] = [
  { id: 'zh-Hans', name: '简体' },
  { id: 'zh-Hant', name: '繁體' },
  { id: 'en', name: 'English' },
]

/** Each language is two files: what the wall shows, and what responders work with. */
export const CATALOGUES: Record<Locale, Record<Key, string>> = {
  'zh-Hans': { ...zhHans, ...consoleZhHans },
  'zh-Hant': { ...zhHant, ...consoleZhHant },
  en: { ...en, ...consoleEn },
}
const KEPT = 'huiying.locale'

export type Figures = Record<string, string | number>

export const locale = ref<Locale>(kept())

function kept(): Locale {
  const value = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(KEPT)
  return LOCALES.find((known) => known.id === value)?.id ?? 'zh-Hans'
}

export function chooseLocale(choice: Locale): void {
  locale.value = choice
  localStorage.setItem(KEPT, choice)
  document.documentElement.lang = choice
}

const plurals = new Map<Locale, Intl.PluralRules>()

function isOne(value: string | number): boolean {
  let rules = plurals.get(locale.value)
  if (!rules) plurals.set(locale.value, (rules = new Intl.PluralRules(locale.value)))
  return rules.select(Number(String(value).replace(/[^\d.]/g, ''))) === 'one'
}

/**
 * Put `figures` into the `{name}` places of a template; `{name|day|days}` is the word that goes with the figure. A place
 * without a figure stays visible.
 */
export function fill(template: string, figures: Figures = {}): string {
  return template.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (place, name: string, one?: string, other?: string) => {
    const value = figures[name]
    if (value === undefined) return place
    return one === undefined ? String(value) : isOne(value) ? one : String(other)
  })
}

/** The text of `key` in the reader's language. */
export function t(key: Key, figures?: Figures): string {
  return fill(CATALOGUES[locale.value][key], figures)
}

/** The template of a key that may not exist (codes come from data, so new ones appear before their translation). */
export function template(key: string): string | undefined {
  return (CATALOGUES[locale.value] as Record<string, string | undefined>)[key]
}

/** One of several texts by language: the reader's, else the one that every text of the policy has. */
export function worded(texts: Record<string, string>): string {
  return texts[locale.value] ?? texts['zh-Hans'] ?? ''
}

/** A code of a family (`sentiment`, `state`, ...) in the reader's language; an unknown one is shown as it is. */
export function code(family: string, value: string): string {
  return template(`${family}.${value}`) ?? value
}

/** The codes of a family that the catalogues know, in their order. */
export function codes(family: string): string[] {
  const prefix = `${family}.`
  const names = Object.keys(CATALOGUES[locale.value]).filter((key) => key.startsWith(prefix))
  return names.map((key) => key.slice(prefix.length))
}
