import { beforeEach, describe, expect, it } from 'vitest'
import { chooseLocale } from '@/i18n'
import { change, clockTime, count, dateTime, duration, figure, nearTime, percent, timeZone } from '@/model/format'

beforeEach(() => {
  chooseLocale('zh-Hans')
  timeZone.value = 'Asia/Shanghai'
})

describe('times', () => {
  it('are shown in the office’s zone, not the reader’s', () => {
    expect(clockTime('2026-06-01T18:05:00Z')).toBe('02:05')
    timeZone.value = 'UTC'
    expect(clockTime('2026-06-01T18:05:00Z')).toBe('18:05')
  })

  it('carry the date when they are not today’s in that zone', () => {
    const now = Date.parse('2026-06-01T17:00:00Z')
    expect(nearTime('2026-06-01T16:30:00Z', now)).toBe('00:30')
    expect(nearTime('2026-06-01T15:30:00Z', now)).toBe(dateTime('2026-06-01T15:30:00Z'))
  })

  it('show midnight as 00', () => {
    expect(clockTime('2026-06-01T16:00:00Z')).toBe('00:00')
  })
})

describe('duration', () => {
  it.each([
    [59_000, '0 分 59 秒'],
    [3_600_000, '1 小时 0 分'],
    [90_061_000, '1 天 1 小时'],
    [-60_000, '1 分 0 秒'],
  ])('of %i ms', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })
})

describe('numbers', () => {
  it('are grouped, rounded and signed', () => {
    expect([
      count(1234.4),
      figure(2.14),
      figure(31.4),
      figure(0.0041),
      figure(0),
      percent(0.371),
      change(0.19),
      change(-0.031),
    ]).toEqual(['1,234', '2.1', '31', '0.004', '0', '37%', '+19%', '-3%'])
  })
})
