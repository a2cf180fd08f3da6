import type { Facts, Reason } from '@/api/types'
import { code, fill, t, template } from '@/i18n'
import { figure, percent } from './format'

const SHARES = new Set(['share', 'negative_share', 'ratio_negative', 'score'])

/** A figure of a reason as a person reads it. */
export function fact(name: string, value: string | number): string {
  if (typeof value !== 'number') return translated(name, value)
  return SHARES.has(name) && value >= 0 && value <= 1 ? percent(value) : figure(value)
}

function translated(name: string, value: string): string {
  const family = { level: 'level', domain: 'domain', state: 'state', from: 'state', to: 'state', sentiment: 'sentiment' }[name]
  if (name === 'words' || name === 'categories' || name === 'category') {
    return value.split(/[,、\s]+/).map((word) => code('risk', word)).join(t('common.separator'))
  }
  return family ? code(family, value) : value
}

/** How figures that are ids or levels are called, by the figure's name. */
export type Namers = Record<string, (value: string) => string>

/** `name value` of every figure, for codes that have no sentence of their own. */
export function factList(facts: Facts, namers: Namers = {}): string {
  return Object.entries(facts)
    .map(([name, value]) => `${code('fact', name)} ${namers[name]?.(String(value)) ?? fact(name, value)}`)
    .join(' · ')
}

/** A reason as a sentence: the catalogue's when it has one and all its figures are there, else code and figures. */
export function reasonSentence(reason: Reason): string {
  const sentence = template(`reason.${reason.code}`)
  if (sentence !== undefined) {
    const shown = Object.fromEntries(Object.entries(reason.facts).map(([name, value]) => [name, fact(name, value)]))
    const text = fill(sentence, shown)
    if (!/\{\w+\}/.test(text)) return text
  }
  const name = template(`reasonName.${reason.code}`) ?? reason.code
  const list = factList(reason.facts)
  return list ? `${name}: ${list}` : name
}
