import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Live, type LiveHandlers } from '@/api/live'

/** A stand-in for the browser's EventSource that the test drives. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2
  static all: FakeSource[] = []
  readyState = 0
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null

  constructor(readonly url: string) {
    super()
    FakeSource.all.push(this)
  }

  send(name: string, data: unknown, lastEventId: string): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data), lastEventId }))
  }

  fail(readyState: number): void {
    this.readyState = readyState
    this.onerror?.()
  }

  close(): void {
    this.readyState = FakeSource.CLOSED
  }
}

const handlers = () => ({ incident: vi.fn(), case: vi.fn(), posts: vi.fn(), state: vi.fn() }) satisfies LiveHandlers
const newest = (): FakeSource => FakeSource.all.at(-1)!

beforeEach(() => {
  FakeSource.all = []
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', FakeSource)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('Live', () => {
  it('begins after the position of the first view and hands events on', () => {
    const told = handlers()
    new Live('1-2-3', (after) => `/events?after=${after}`, told)
    expect(newest().url).toBe('/events?after=1-2-3')
    newest().onopen!()
    newest().send('incident', { id: 'a' }, '1-3-3')
    expect(told.state).toHaveBeenLastCalledWith('live')
    expect(told.incident).toHaveBeenCalledWith({ id: 'a' })
  })

  it('says that it is lost while the browser reconnects by itself', () => {
    const told = handlers()
    new Live('0', String, told)
    newest().fail(0)
    expect(told.state).toHaveBeenLastCalledWith('lost')
    vi.advanceTimersByTime(60_000)
    expect(FakeSource.all).toHaveLength(1)
  })

  it('opens a new stream after the last position when the browser has given up', () => {
    new Live('1-1-1', String, handlers())
    newest().send('posts', { count: 1, newest: [] }, '9-1-1')
    newest().fail(FakeSource.CLOSED)
    vi.advanceTimersByTime(1_000)
    expect(FakeSource.all).toHaveLength(2)
    expect(newest().url).toBe('9-1-1')
  })

  it('waits longer after every failure', () => {
    new Live('0', String, handlers())
    newest().fail(FakeSource.CLOSED)
    vi.advanceTimersByTime(1_000)
    newest().fail(FakeSource.CLOSED)
    vi.advanceTimersByTime(1_999)
    expect(FakeSource.all).toHaveLength(2)
    vi.advanceTimersByTime(1)
    expect(FakeSource.all).toHaveLength(3)
  })

  it('stays closed', () => {
    const live = new Live('0', String, handlers())
    live.close()
    newest().fail(FakeSource.CLOSED)
    vi.advanceTimersByTime(60_000)
    expect(FakeSource.all).toHaveLength(1)
  })
})
