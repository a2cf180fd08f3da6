import type { Case, Effect, Evaluation } from '@/api/types'
import { code, t } from '@/i18n'
import { change, figure, percent } from './format'

const HOUR = 3_600_000

/** How long something took, in hours, or in days from three days on. */
export function hoursText(hours: number): string {
  return hours < 72 ? t('evaluation.hours', { n: figure(hours) }) : t('evaluation.days', { n: figure(hours / 24) })
}

/** What an effect says: how much, between what, and whether chance alone can be ruled out. */
export function effectText(effect: Effect): string {
  const measure = code('evaluation.measure', effect.measure)
  if (effect.ratio === null || effect.low === null || effect.high === null)
    return t('evaluation.noEffect', { measure, why: code('evaluation.why', effect.why) })
  return t(effect.clear ? 'evaluation.clear' : 'evaluation.unclear', {
    measure,
    change: change(effect.ratio - 1),
    low: change(effect.low - 1),
    high: change(effect.high - 1),
  })
}

/** One sentence for the curve: what was before the answer and after it. */
export function curveText(found: Evaluation): string {
  const { before, after } = found
  if (!found.curve.length) return t('evaluation.none')
  if (!found.answered_at) return t('evaluation.notAnswered', { posts: found.posts, hours: found.curve.length })
  if (!before || !after) return t('evaluation.oneSide')
  const volume = t('evaluation.volume', { before: figure(before.posts_an_hour), after: figure(after.posts_an_hour) })
  if (before.negative_share === null || after.negative_share === null) return volume
  return (
    volume + t('evaluation.negative', { before: percent(before.negative_share), after: percent(after.negative_share) })
  )
}

export interface Curve {
  columns: { at: string; posts: number; negative: number }[]
  top: number
  /** Where the answer stands, in columns from the left; null without one. */
  answer: number | null
  /** The means an hour on both sides: from, to (in columns) and how many posts. */
  means: { side: 'before' | 'after'; from: number; to: number; posts: number }[]
}

/** The curve's figures, ready to be drawn. Hours without posts are columns of height 0. */
export function curveOf(found: Evaluation): Curve {
  const columns = found.curve
  const first = columns[0] ? Date.parse(columns[0].at) : 0
  const top = Math.max(1, ...columns.map((one) => one.posts))
  const within = (column: number): number => Math.min(Math.max(0, column), columns.length)
  if (!found.answered_at || !columns.length) return { columns, top, answer: null, means: [] }
  const exact = (Date.parse(found.answered_at) - first) / HOUR
  const hour = Math.floor(exact)
  const means: Curve['means'] = []
  if (found.before)
    means.push({
      side: 'before',
      from: within(hour - found.before.hours),
      to: within(hour),
      posts: found.before.posts_an_hour,
    })
  if (found.after)
    means.push({
      side: 'after',
      from: within(hour + 1),
      to: within(hour + 1 + found.after.hours),
      posts: found.after.posts_an_hour,
    })
  return { columns, top, answer: within(exact), means }
}

/** What the evaluation of a past case kept of its effect on the posts (-0.5: half as many), or null. */
export function pastEffect(one: Pick<Case, 'evaluation'>): number | null {
  const ratio = one.evaluation['effect']
  return typeof ratio === 'number' ? ratio - 1 : null
}
