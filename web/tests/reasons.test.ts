import { beforeEach, describe, expect, it } from 'vitest'
import { chooseLocale } from '@/i18n'
import { reasonSentence } from '@/model/reasons'

beforeEach(() => chooseLocale('zh-Hans'))

describe('reasonSentence', () => {
  it('is a sentence with its figures', () => {
    expect(reasonSentence({ code: 'spread', facts: { authors: 1234 } })).toBe('由 1,234 个不同的人发出')
  })

  it('writes shares as percent', () => {
    expect(reasonSentence({ code: 'negative', facts: { share: 0.826 } })).toBe('负面占 83%')
  })

  it('falls back to name and figures when the sentence lacks one', () => {
    expect(reasonSentence({ code: 'negative', facts: { posts: 7 } })).toBe('负面: 帖文 7')
  })

  it('shows an unknown code with its facts', () => {
    expect(reasonSentence({ code: 'moon_phase', facts: { phase: 'full', posts: 3 } })).toBe(
      'moon_phase: phase full · 帖文 3',
    )
  })

  it('shows an unknown code without facts', () => {
    expect(reasonSentence({ code: 'moon_phase', facts: {} })).toBe('moon_phase')
  })
})
