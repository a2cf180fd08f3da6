import { afterEach, describe, expect, it, vi } from 'vitest'
import { api, ApiError } from '@/api/client'
import { problemText } from '@/model/problems'
import { t } from '@/i18n'

afterEach(() => vi.unstubAllGlobals())

describe('a line that is cut', () => {
  const cut = new TypeError('Failed to fetch')

  it.each([
    ['before the answer', () => Promise.reject(cut)],
    ['within the answer', () => Promise.resolve({ ok: true, json: () => Promise.reject(cut) })],
  ])('%s is told in the language of the reader', async (_, fetched) => {
    vi.stubGlobal('fetch', fetched)
    const error: unknown = await api.meta().catch((problem: unknown) => problem)
    expect(problemText(error)).toBe(t('error.unreachable'))
  })
})

describe('what cannot be taken away', () => {
  it('is told with the names of what names it', () => {
    const users = [
      { kind: 'rule', id: 'meals', name: { 'zh-Hans': '校园餐' } },
      { kind: 'signal', id: 'busy', name: {} },
    ]
    const error = new ApiError({ type: 'https://docs#in-use', title: 'In use', status: 409, users })
    expect(problemText(error)).toContain(`校园餐${t('common.separator')}busy`)
  })
})
