import { describe, expect, it } from 'vitest'
import { cut, highlight } from '@/model/highlight'

const gram = (text: string, weight = 1) => ({ text, weight })
const joined = (text: string, grams: ReturnType<typeof gram>[]) =>
  highlight(text, grams)
    .map((piece) => piece.text)
    .join('')

describe('highlight', () => {
  it('marks every occurrence and nothing else', () => {
    expect(highlight('水黄了，水臭了', [gram('水')])).toEqual([
      { text: '水', weight: 1 },
      { text: '黄了，', weight: 0 },
      { text: '水', weight: 1 },
      { text: '臭了', weight: 0 },
    ])
  })

  it('melts overlapping n-grams into one mark with the greater weight', () => {
    expect(highlight('睡不着觉', [gram('睡不', 1), gram('不着', 3)])).toEqual([
      { text: '睡不着', weight: 3 },
      { text: '觉', weight: 0 },
    ])
  })

  it('ignores case, as the models do', () => {
    expect(highlight('ABC地铁', [gram('abc')])[0]).toEqual({ text: 'ABC', weight: 1 })
  })

  it('does not mark what speaks against the label', () => {
    expect(highlight('很好', [gram('好', -2)])).toEqual([{ text: '很好', weight: 0 }])
  })

  it('gives no pieces for an empty text', () => {
    expect(highlight('', [gram('a')])).toEqual([])
  })

  it.each(['<img src=x onerror=alert(1)>', 'İstanbul İİ', '👨‍👩‍👧 家', 'Z̸͓a̶l̷g̵o', '\u202eabc'])(
    'loses nothing of %s',
    (text) => {
      expect(joined(text, [gram('a'), gram('i'), gram('家'), gram('')])).toBe(text)
    },
  )
})

describe('cut', () => {
  it('counts code points, as the API does', () => {
    expect(cut('😀路灯坏了', [[1, 3]])).toEqual([
      { text: '😀', weight: 0 },
      { text: '路灯', weight: 1 },
      { text: '坏了', weight: 0 },
    ])
  })

  it('is the whole text when nothing was searched for', () => {
    expect(cut('路灯', [])).toEqual([{ text: '路灯', weight: 0 }])
    expect(cut('', [])).toEqual([])
  })

  it('loses nothing of the text when a span is not of it', () => {
    expect(
      cut('😀灯', [
        [0, 1],
        [1, 9],
        [12, 14],
      ])
        .map((piece) => piece.text)
        .join(''),
    ).toBe('😀灯')
  })
})
