import type { CaseEvent, FoundPost, Incident } from './types'

export type LiveState = 'connecting' | 'live' | 'lost'

export interface LiveHandlers {
  incident(incident: Incident): void
  case(event: CaseEvent): void
  posts(news: { count: number; newest: FoundPost[] }): void
  state(state: LiveState): void
}

const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 20_000]

/**
 * Server-sent events that survive anything: the browser resumes a dropped stream by Last-Event-ID; when it gives up
 * (a proxy answered with an error) we open a new one after the last position seen.
 */
export class Live {
  private source: EventSource | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private failures = 0
  private closed = false

  constructor(
    private position: string,
    private readonly address: (after: string) => string,
    private readonly handlers: LiveHandlers,
  ) {
    this.open()
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
    this.source?.close()
  }

  private open(): void {
    this.handlers.state(this.failures ? 'lost' : 'connecting')
    const source = new EventSource(this.address(this.position))
    this.source = source
    source.onopen = () => {
      this.failures = 0
      this.handlers.state('live')
    }
    source.onerror = () => this.failed(source)
    this.listen(source, 'hello', () => undefined)
    this.listen(source, 'incident', (data) => this.handlers.incident(data as Incident))
    this.listen(source, 'case', (data) => this.handlers.case(data as CaseEvent))
    this.listen(source, 'posts', (data) => this.handlers.posts(data as { count: number; newest: FoundPost[] }))
  }

  private listen(source: EventSource, name: string, use: (data: unknown) => void): void {
    source.addEventListener(name, (event) => {
      const message = event as MessageEvent<string>
      if (message.lastEventId) this.position = message.lastEventId
      use(JSON.parse(message.data))
    })
  }

  private failed(source: EventSource): void {
    if (this.closed) return
    this.handlers.state('lost')
    if (source.readyState !== EventSource.CLOSED) return
    source.close()
    const wait = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)]
    this.timer = setTimeout(() => this.open(), wait)
  }
}
