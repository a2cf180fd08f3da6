import type { PolicyItem } from '@/api/manage'
import { code, t, template, worded } from '@/i18n'
import { figure, percent } from './format'

/** Conditions of a rule that have a field of their own: least figures, and lists of words or codes. */
export const FIGURES = ['min_posts', 'min_authors', 'min_heat', 'min_burst', 'min_negative', 'min_risk'] as const
export const CHOICES = { domains: 'domain', risks: 'risk', reasons: 'reasonName' } as const
export const WORDS = ['words', 'without', 'places'] as const

/** Shares are asked for in percent. */
const SCALE: Record<string, number> = { min_negative: 100 }
const COUNTS_FROM_ONE = /^min_(posts|authors|copies|sources)$/

/** Whether a condition with this value asks for nothing. */
export function asksNothing(name: string, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (name.startsWith('min_')) return value === (COUNTS_FROM_ONE.test(name) ? 1 : 0)
  return name === 'audience' && value === ''
}

/** A rule without the conditions that ask for nothing, as a person would write it. */
export function withoutDefaults(item: PolicyItem): PolicyItem {
  return Object.fromEntries(Object.entries(item).filter(([name, value]) => !asksNothing(name, value)))
}

function put(item: PolicyItem, name: string, value: unknown): PolicyItem {
  return withoutDefaults({ ...item, [name]: value })
}

/** A least figure as its field has it: empty when nothing is asked. */
export function figureField(item: PolicyItem, name: string): string {
  const value = item[name]
  if (typeof value !== 'number' || asksNothing(name, value)) return ''
  return String(Math.round(value * (SCALE[name] ?? 1) * 1000) / 1000)
}

export function withFigure(item: PolicyItem, name: string, field: string): PolicyItem {
  const { [name]: _, ...rest } = item
  const value = Number(field)
  return field.trim() === '' || Number.isNaN(value) ? rest : put(item, name, value / (SCALE[name] ?? 1))
}

export function listOf(item: PolicyItem, name: string): string[] {
  const value = item[name]
  return Array.isArray(value) ? value.map(String) : []
}

/** A list as it is typed: one a line, or with commas of any script between. */
export function splitList(text: string): string[] {
  return [...new Set(text.split(/[\n,，、;；]+/).map((one) => one.trim()))].filter(Boolean)
}

export function withList(item: PolicyItem, name: string, values: readonly string[]): PolicyItem {
  return put(item, name, [...values])
}

export function nameOf(item: PolicyItem): string {
  return worded((item['name'] ?? {}) as Record<string, string>) || String(item['id'] ?? '')
}

export function withName(item: PolicyItem, language: string, text: string): PolicyItem {
  const { [language]: _, ...rest } = (item['name'] ?? {}) as Record<string, string>
  return { ...item, name: text.trim() ? { ...rest, [language]: text } : rest }
}

export function itemText(item: PolicyItem): string {
  return JSON.stringify(item, null, 2)
}

/** The item that a text says; null when it is no object of JSON. */
export function readText(text: string): PolicyItem | null {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as PolicyItem) : null
  } catch {
    return null
  }
}

/** What a field of the policy is called. */
export function fieldName(name: string): string {
  return (template(`rule.${name}`) ?? code('itemField', name)).replace(/[:：]\s*$/, '')
}

export interface Difference {
  field: string
  before: string
  after: string
}

function shown(value: unknown): string {
  if (value === undefined) return ''
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return value.join(t('common.separator'))
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What two versions of an item differ in, by field; one that was taken away has nothing. */
export function differences(before: PolicyItem | null, after: PolicyItem | null): Difference[] {
  const [old, fresh] = [withoutDefaults(before ?? {}), withoutDefaults(after ?? {})]
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
    .map((field) => ({ field, before: shown(old[field]), after: shown(fresh[field]) }))
    .filter((one) => one.before !== one.after)
}

/** The conditions of a rule in words: those that ask for something. */
export function conditions(rule: PolicyItem, placeName: (place: string) => string): string[] {
  const words: Record<string, (value: string) => string> = {
    risks: (value) => code('risk', value),
    domains: (value) => code('domain', value),
    reasons: (value) => code('reasonName', value),
    places: placeName,
  }
  return Object.entries(rule).flatMap(([name, asked]) => {
    const label = template(`rule.${name}`)
    if (label === undefined || asksNothing(name, asked)) return []
    if (name === 'any_of' || name === 'none_of') return [`${label}${(asked as unknown[]).length}`]
    if (Array.isArray(asked)) {
      return [label + asked.map((one) => (words[name] ?? String)(String(one))).join(t('common.separator'))]
    }
    if (typeof asked !== 'number') return []
    return [`${label} ${name === 'min_negative' ? percent(asked) : figure(asked)}`]
  })
}
