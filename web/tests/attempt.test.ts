import { describe, expect, it } from 'vitest'
import { useAttempt } from '@/state/attempt'

describe('an attempt', () => {
  it('is busy until it is done, and keeps what went wrong until the next', async () => {
    const { busy, problem, attempt } = useAttempt()
    const wrong = new Error('no')
    const failing = attempt(() => Promise.reject(wrong))
    expect(busy.value).toBe(true)
    expect(await failing).toBe(false)
    expect([busy.value, problem.value]).toEqual([false, wrong])
    expect(await attempt(async () => undefined)).toBe(true)
    expect([busy.value, problem.value]).toEqual([false, null])
  })
})
