import type { Facts, Reason } from '@/api/types'
import { code, fill, template } from '@/i18n'
import { figure, percent } from './format'

/** Families of the codes that figures hold, by the figure's name. */
const FAMILIES: Record<string, string> = {
  level: 'level',
  domain: 'domain',
  state: 'state',
  sentiment: 'sentiment',
  rule: 'ruleName',
  category: 'risk',
  raised: 'reasonName',
}

/** A figure of a reason as a person reads it. */
export function fact(name: string, value: string | number): string {
  const family = FAMILIES[name]
  if (family !== undefined) return code(family, String(value))
  if (typeof value !== 'number') return value
  return name === 'share' ? percent(value) : figure(value)
}

/** How figures that are ids or levels are called, by the figure's name. */
export type Namers = Record<string, (value: string) => string>

/** `name value` of every figure, for codes that have no sentence of their own. */
export function factList(facts: Facts, namers: Namers = {}): string {
  return Object.entries(facts)
    .map(([name, value]) => `${code('fact', name)} ${namers[name]?.(String(value)) ?? fact(name, value)}`)
    .join(' · ')
}

/** `value` and `threshold` are what the rule measures: a share only where it measures one. */
function factOf(reason: string, name: string, value: string | number): string {
  return reason === 'rule.negative' && typeof value === 'number' ? percent(value) : fact(name, value)
}

/** A reason as a sentence: the catalogue's when it has one and all its figures are there, else code and figures. */
export function reasonSentence(reason: Reason): string {
  const sentence = template(`reason.${reason.code}`)
  if (sentence !== undefined) {
    const figures = Object.entries(reason.facts)
    const shown = Object.fromEntries(figures.map(([name, value]) => [name, factOf(reason.code, name, value)]))
    const text = fill(sentence, shown)
    if (!/\{\w+\}/.test(text)) return text
  }
  const name = template(`reasonName.${reason.code}`) ?? reason.code
  const list = factList(reason.facts)
  return list ? `${name}: ${list}` : name
}

/** What kept something from a rule: the reason's figures are those that were not enough. */
export function missedSentence(reason: Reason): string {
  const sentence = template(`missed.${reason.code}`)
  if (sentence === undefined) return reasonSentence(reason)
  const shown = Object.entries(reason.facts).map(([name, value]) => [name, factOf(reason.code, name, value)] as const)
  return fill(sentence, Object.fromEntries(shown))
}
