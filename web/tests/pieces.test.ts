import { describe, expect, it } from 'vitest'
import type { Labels } from '@/api/types'
import { shownLabels } from '@/model/labels'
import { safeLink, safeNext } from '@/model/links'
import { extensionsOf, mayAct, moveBody, moveForm, movePath } from '@/model/moves'
import { placeNames } from '@/model/places'
import { filtersOf, searchOf } from '@/model/search'
import { spark } from '@/model/sparkline'

describe('safeLink', () => {
  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'not a url', ''])('refuses %j', (url) => {
    expect(safeLink(url)).toBeNull()
  })

  it('lets web addresses through', () => {
    expect(safeLink('https://example.org/a?b=1')).toBe('https://example.org/a?b=1')
  })
})

describe('safeNext', () => {
  it('stays inside the page', () => {
    expect(safeNext('/incidents/1')).toBe('/incidents/1')
    expect(safeNext('//evil.example')).toBe('/')
    expect(safeNext('https://evil.example')).toBe('/')
    expect(safeNext(undefined)).toBe('/')
  })
})

describe('moves', () => {
  it('send filled fields, a numeric level and the version seen', () => {
    expect(moveBody({ level: '2', why: ' 扩散 ', owner: ' ' }, 7)).toEqual({ version: 7, level: 2, why: '扩散' })
  })

  it('have a form and a path, or are left to HTTP', () => {
    expect(moveForm('satisfaction')).toBeNull()
    expect(moveForm('task')?.required).toEqual(['unit', 'text'])
    expect([movePath('task'), movePath('release'), movePath('ack')]).toEqual(['tasks', 'level/release', 'ack'])
  })

  it('extend a clock in its own unit, by its own limit at most', () => {
    expect(extensionsOf('5d').map((one) => one.text)).toEqual(['1d', '2d', '3d', '5d'])
    expect(extensionsOf('20wd').at(-1)).toEqual({ text: '20wd', n: 20, unit: 'wd' })
    expect(extensionsOf('1h').map((one) => one.text)).toEqual(['1h'])
    expect(extensionsOf('soon')).toEqual([])
  })

  it('need a role', () => {
    expect([mayAct('viewer', 'responder'), mayAct('admin', 'responder'), mayAct(undefined, 'viewer')]).toEqual([
      false,
      true,
      false,
    ])
  })
})

describe('search', () => {
  it('reads known names with a text from the address', () => {
    expect(searchOf({ q: ' 噪音 ', evil: 'x', domain: '', fold: '0', place: ['a', 'b'] })).toEqual({
      q: '噪音',
      fold: '0',
    })
  })

  it('turns a span into a beginning on the minute', () => {
    const now = Date.parse('2026-06-01T10:00:30Z')
    expect(filtersOf({ q: 'a', span: '24' }, now)).toEqual({
      q: 'a',
      fold: true,
      limit: 50,
      since: '2026-05-31T10:00:00.000Z',
    })
    expect(filtersOf({ fold: '0', span: 'x' }, now)).toEqual({ fold: false, limit: 50 })
  })
})

describe('shownLabels', () => {
  it('keeps quiet about what says nothing', () => {
    const flat = { label: 'neutral', probs: { neutral: 0.8 }, unsure: false }
    const labels = {
      sentiment: flat,
      emotion: flat,
      domain: { label: 'none', probs: { none: 1 }, unsure: false },
      intent: { label: '求助', probs: { 求助: 0.7 }, unsure: false },
      offensive: { label: 'clean', prob: 0.1, unsure: false },
      danger: { label: 'danger', probs: { danger: 0.9, none: 0.1 }, unsure: false },
      told: {},
    } as unknown as Labels
    expect(shownLabels(labels)).toEqual([
      { kind: 'sentiment', label: 'neutral', confidence: 0.8, unsure: false, told: false },
      { kind: 'intent', label: '求助', confidence: 0.7, unsure: false, told: false },
    ])
    const told = { ...labels, told: { domain: {} } } as unknown as Labels
    expect(shownLabels(told).map(({ kind }) => kind)).toEqual(['sentiment', 'domain', 'intent'])
    const denied = { ...labels, told: { danger: {} } } as unknown as Labels
    expect(shownLabels(denied).map(({ kind }) => kind)).toEqual(['sentiment', 'intent', 'danger'])
  })
})

describe('placeNames', () => {
  it('knows listed places before the board is read', () => {
    expect(placeNames({ '990100': '云湾区' }, null).get('990100')).toBe('云湾区')
  })
})

describe('spark', () => {
  it('draws nothing for nothing', () => {
    expect(spark([], 100, 30)).toBeNull()
  })

  it('lets a first hour rise from nothing', () => {
    expect(spark([3], 100, 30)).toEqual(spark([0, 3], 100, 30))
  })

  it('spans the box from the lowest to the highest value', () => {
    expect(spark([0, 10], 100, 30)).toEqual({
      line: 'M2 28L98 2',
      area: 'M2 28L98 2L98 30L2 30Z',
      last: { x: 98, y: 2 },
    })
  })

  it('draws silence as a flat line', () => {
    expect(spark([0, 0], 100, 30)!.line).toBe('M2 28L98 28')
  })
})
