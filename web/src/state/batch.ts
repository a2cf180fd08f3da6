/**
 * Collects changes and makes them together, at most once in `ms`: of fifty updates a second the screen sees four.
 * The first after a pause is made at once.
 */
export class Batch {
  private waiting: (() => void)[] = []
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly ms: number) {}

  add(change: () => void): void {
    this.waiting.push(change)
    this.timer ??= setTimeout(() => this.flush(), 0)
  }

  clear(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.waiting = []
  }

  private flush(): void {
    const changes = this.waiting
    this.waiting = []
    this.timer = changes.length ? setTimeout(() => this.flush(), this.ms) : undefined
    for (const change of changes) change()
  }
}

/** Whether something comes after a lull of `ms`, or in the midst of others. */
export class Lull {
  private last = -Infinity

  constructor(private readonly ms: number) {}

  endsAt(at: number): boolean {
    const quiet = at - this.last >= this.ms
    this.last = at
    return quiet
  }
}
