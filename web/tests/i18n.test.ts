import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { CATALOGUES as ALL, chooseLocale, code, fill, t } from '@/i18n'

const SOURCES = join(import.meta.dirname, '..', 'src')
const { 'zh-Hans': zhHans, 'zh-Hant': zhHant, en } = ALL
const CATALOGUES = { 'zh-Hant': zhHant, en } as const

const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort()

function files(extension: string): string[] {
  return readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(extension))
}

beforeEach(() => chooseLocale('zh-Hans'))

describe('catalogues', () => {
  it.each(Object.entries(CATALOGUES))('%s has the keys of zh-Hans in the same order', (_, catalogue) => {
    expect(Object.keys(catalogue)).toEqual(Object.keys(zhHans))
  })

  it.each(Object.entries(CATALOGUES))('%s keeps the places for figures', (_, catalogue) => {
    for (const [key, text] of Object.entries(zhHans)) {
      expect(placeholders(catalogue[key as keyof typeof zhHans]), key).toEqual(placeholders(text))
    }
  })

  it('leaves no Chinese in English', () => {
    for (const [key, text] of Object.entries(en)) expect(text, key).not.toMatch(/\p{Script=Han}/u)
  })

  it('has Traditional forms in zh-Hant', () => {
    expect(zhHant['nav.board']).toBe('態勢')
  })
})

describe('sources', () => {
  it('hold no hard-coded Chinese outside the catalogues', () => {
    const offenders = [...files('.vue'), ...files('.ts')]
      .filter((name) => !name.startsWith('i18n'))
      .filter((name) => /\p{Script=Han}/u.test(withoutComments(readFileSync(join(SOURCES, name), 'utf8'))))
    expect(offenders).toEqual([])
  })

  it('never put a stranger’s text on the page as HTML', () => {
    const all = [...files('.vue'), ...files('.ts')].map((name) => readFileSync(join(SOURCES, name), 'utf8')).join('\n')
    expect(all).not.toMatch(/v-html|innerHTML|insertAdjacentHTML|document\.write/)
  })

  it('carry no inline style attribute, which the content security policy refuses', () => {
    for (const name of files('.vue')) expect(readFileSync(join(SOURCES, name), 'utf8'), name).not.toMatch(/\sstyle="/)
  })
})

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|<!--[\s\S]*?-->/g, '')
}

describe('t', () => {
  it('fills figures in', () => {
    expect(t('live.lag', { n: 12 })).toBe('积压 12 条')
  })

  it('shows a place whose figure is missing', () => {
    expect(fill('{a} of {b}', { a: 1 })).toBe('1 of {b}')
  })

  it('takes the word that goes with the figure', () => {
    chooseLocale('en')
    expect([1, 2, '1,001'].map((n) => fill('{n} {n|case|cases}', { n }))).toEqual(['1 case', '2 cases', '1,001 cases'])
    chooseLocale('zh-Hans')
    expect(fill('{n} 件', { n: 1 })).toBe('1 件')
  })

  it('follows the chosen language and keeps it', () => {
    chooseLocale('en')
    expect(t('nav.posts')).toBe('Posts')
    expect(localStorage.getItem('huiying.locale')).toBe('en')
    expect(document.documentElement.lang).toBe('en')
  })
})

describe('code', () => {
  it('translates a known code', () => {
    expect(code('sentiment', 'negative')).toBe('负面')
  })

  it('shows an unknown code as it is', () => {
    expect(code('domain', 'space_travel')).toBe('space_travel')
  })
})
