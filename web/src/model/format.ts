import { ref } from 'vue'
import { locale, t, type Locale } from '@/i18n'

const TAGS: Record<Locale, string> = { 'zh-Hans': 'zh-CN', 'zh-Hant': 'zh-TW', en: 'en-GB' }

/** The office's time zone (`meta.time_zone`); the reader's own clock zone never matters. */
export const timeZone = ref('Asia/Shanghai')

const numbers = new Map<string, Intl.NumberFormat>()
const dates = new Map<string, Intl.DateTimeFormat>()

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale.value + JSON.stringify(options)
  let format = numbers.get(key)
  if (!format) numbers.set(key, (format = new Intl.NumberFormat(TAGS[locale.value], options)))
  return format
}

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale.value + timeZone.value + JSON.stringify(options)
  let format = dates.get(key)
  if (!format) {
    const all = { timeZone: timeZone.value, hourCycle: 'h23', ...options } as const
    dates.set(key, (format = new Intl.DateTimeFormat(TAGS[locale.value], all)))
  }
  return format
}

export function count(value: number): string {
  return numberFormat({ maximumFractionDigits: 0 }).format(value)
}

/** One decimal below 10, none from there on; small ones keep a digit that says something (0.004). */
export function figure(value: number): string {
  if (Math.abs(value) < 0.1) return numberFormat({ maximumSignificantDigits: 1 }).format(value)
  return numberFormat({ maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0 }).format(value)
}

export function percent(share: number): string {
  return numberFormat({ style: 'percent', maximumFractionDigits: 0 }).format(share)
}

/** With its sign, as a change is read: +12%, −3%. */
export function change(share: number): string {
  return numberFormat({ style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(share)
}

export function signed(value: number): string {
  return numberFormat({ maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(value)
}

export function clockTime(at: string | number): string {
  return dateFormat({ hour: '2-digit', minute: '2-digit' }).format(new Date(at))
}

export function clockTimeSeconds(at: string | number): string {
  return dateFormat({ hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(at))
}

export function dateTime(at: string | number): string {
  return dateFormat({ month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit' }).format(new Date(at))
}

/** The hour alone when `at` is on the same day as `now`, with its date otherwise. */
export function nearTime(at: string, now: number): string {
  const day = dateFormat({ year: 'numeric', month: 'numeric', day: 'numeric' })
  return day.format(new Date(at)) === day.format(now) ? clockTime(at) : dateTime(at)
}

/** A span in its two leading units. */
export function duration(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1000)
  const [d, h, m, s] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ]
  if (d > 0) return t('duration.days', { d, h })
  if (h > 0) return t('duration.hours', { h, m })
  return t('duration.minutes', { m, s })
}
