import { timeZone } from './format'

/** A moment as a field of date and time has it (`2026-06-01T08:30`), on the office's clock. */
export function toField(at: string | number | null): string {
  if (at === null) return ''
  const options = { timeZone: timeZone.value, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' } as const
  return new Intl.DateTimeFormat('sv-SE', options).format(new Date(at)).replace(' ', 'T')
}

/** The moment that such a field says on the office's clock, in UTC; null when it is empty. */
export function fromField(text: string): string | null {
  if (!text) return null
  const said = Date.parse(`${text}Z`)
  if (Number.isNaN(said)) return null
  const ahead = (at: number): number => Date.parse(`${toField(at)}Z`) - at
  const near = said - ahead(said)
  return new Date(said - ahead(near)).toISOString()
}
