import type { Case, Clock } from '@/api/types'

export type ClockStatus = 'met' | 'metLate' | 'unknown' | 'paused' | 'breached' | 'atRisk' | 'running'

/** Less than this share of its span left: at risk, even before the server's own warning arrives. */
const RISK_SHARE = 0.25

export interface ClockView {
  clock: Clock
  status: ClockStatus
  /** Milliseconds until it is due, negative when overdue, null without a due time. */
  left: number | null
  /** Share of the span that has passed, in 0..1. */
  passed: number
}

/** What a clock shows at `now` (milliseconds). */
export function clockView(clock: Clock, now: number): ClockView {
  if (clock.due_at === null) return { clock, status: clock.stopped_at ? 'met' : 'unknown', left: null, passed: 0 }
  const due = Date.parse(clock.due_at)
  const started = Date.parse(clock.started_at)
  const left = due - now
  const passed = Math.min(1, Math.max(0, (now - started) / Math.max(1, due - started)))
  return { clock, status: statusOf(clock, due, left, passed), left, passed }
}

function statusOf(clock: Clock, due: number, left: number, passed: number): ClockStatus {
  if (clock.stopped_at) return clock.breached || Date.parse(clock.stopped_at) > due ? 'metLate' : 'met'
  if (clock.pauses.some((pause) => pause.until === null)) return 'paused'
  if (clock.breached || left < 0) return 'breached'
  return clock.warned.length > 0 || passed > 1 - RISK_SHARE ? 'atRisk' : 'running'
}

const isTicking = (view: ClockView): boolean =>
  view.status === 'running' || view.status === 'atRisk' || view.status === 'breached'

export interface DueClock extends ClockView {
  of: Case
}

/** All clocks that still run on open cases, the next due first (overdue ones lead). */
export function ticking(cases: readonly Case[], now: number): DueClock[] {
  return cases
    .filter((one) => one.state !== 'closed')
    .flatMap((one) => one.clocks.map((clock) => ({ ...clockView(clock, now), of: one })))
    .filter(isTicking)
    .sort((a, b) => (a.left ?? Infinity) - (b.left ?? Infinity))
}
