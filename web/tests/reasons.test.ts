import { beforeEach, describe, expect, it } from 'vitest'
import { chooseLocale } from '@/i18n'
import { reasonSentence } from '@/model/reasons'

beforeEach(() => chooseLocale('zh-Hans'))

describe('reasonSentence', () => {
  it('is a sentence with its figures', () => {
    const facts = { posts: 1234, authors: 33 }
    expect(reasonSentence({ code: 'volume', facts })).toBe('已有 1,234 条不同帖文，来自 33 人')
  })

  it('writes shares as percent', () => {
    expect(reasonSentence({ code: 'negative', facts: { share: 0.826 } })).toBe('负面占 83%')
  })

  it('translates the codes among its figures', () => {
    const facts = { word: '起火', category: 'fire', posts: 3 }
    expect(reasonSentence({ code: 'risk', facts })).toBe('3 条说到火灾，如“起火”')
  })

  it('shows what a rule measured as a share only where it is one', () => {
    const facts = { rule: 'burst', value: 0.83, threshold: 0.3 }
    expect(reasonSentence({ code: 'rule.negative', facts })).toBe('负面占 83%，达到门槛 30%')
    expect(reasonSentence({ code: 'rule.risk', facts })).toBe('风险分 0.8，达到门槛 0.3')
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
