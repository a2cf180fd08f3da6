import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/client'
import type { Case, Effect, Evaluation, Explanation, SimilarIncident } from '@/api/types'
import AnswerEffect from '@/components/AnswerEffect.vue'
import IncidentExplained from '@/components/IncidentExplained.vue'
import SimilarIncidents from '@/components/SimilarIncidents.vue'
import { chooseLocale } from '@/i18n'
import { curveOf, curveText, effectText, hoursText, pastEffect } from '@/model/evaluation'

const effect = (more: Partial<Effect> = {}): Effect => ({
  measure: 'posts',
  hours_before: 12,
  hours_after: 12,
  ratio: 0.5,
  low: 0.4,
  high: 0.7,
  slope: null,
  slope_low: null,
  slope_high: null,
  clear: true,
  why: '',
  ...more,
})

const hour = (n: number, posts: number, negative = 0) => ({
  at: `2026-06-01T0${n}:00:00Z`,
  posts,
  negative,
  rumours: 0,
  heat: posts,
})
const side = (hours: number, posts: number, negative: number | null) => ({
  hours,
  posts_an_hour: posts,
  heat_an_hour: posts,
  negative_share: negative,
  rumour_share: 0,
})

function evaluation(more: Partial<Evaluation> = {}): Evaluation {
  return {
    case: 'c1',
    answered_at: '2026-06-01T02:30:00Z',
    hours_to_answer: { first_post: 2.5, opened: 2 },
    clocks: [
      { kind: 'answer', name: '答复', limit: '24h', source: 's', due_at: null, hours: 2, kept: true },
      { kind: 'odd', name: '其他', limit: '1h', source: 's', due_at: null, hours: 80, kept: false },
      { kind: 'run', name: '在办', limit: '20wd', source: 's', due_at: null, hours: 1, kept: null },
    ],
    curve: [hour(0, 8, 4), hour(1, 12, 6), hour(2, 6), hour(3, 3), hour(4, 1)],
    before: side(2, 10, 0.5),
    after: side(2, 2, 0.1),
    effects: [effect(), effect({ measure: 'rumours', ratio: null, low: null, high: null, why: 'nothing_before' })],
    questions: [
      {
        kind: 'why',
        name: { en: 'Why it happened' },
        posts: 4,
        example: '为什么停水',
        post: 'p1',
        touched: false,
        by: '',
      },
      { kind: 'pay', name: { en: 'Compensation' }, posts: 2, example: '赔吗', post: 'p2', touched: true, by: '赔' },
    ],
    posts: 30,
    ...more,
  }
}

const links = { global: { stubs: { RouterLink: { props: ['to'], template: '<a :data-to="to.name"><slot /></a>' } } } }

beforeEach(() => chooseLocale('en'))
afterEach(() => vi.restoreAllMocks())

describe('the sentence of an effect', () => {
  it('has the change with its interval and says whether it is clear', () => {
    expect(effectText(effect())).toBe(
      'Posts: -50% against the trend before (95% interval -60% to -30%); a clear change.',
    )
    expect(effectText(effect({ high: 1.2, clear: false }))).toContain('to +20%); no clear change.')
  })

  it('says why there is none', () => {
    expect(effectText(effect({ ratio: null, low: null, high: null, why: 'too_few_hours' }))).toBe(
      'Posts: no effect can be estimated, too few hours before or after the answer.',
    )
  })

  it('gives long times in days', () => {
    expect([hoursText(1), hoursText(2.5), hoursText(96)]).toEqual(['1 hour', '2.5 hours', '4 days'])
  })
})

describe('the curve', () => {
  it('places the answer and the means on both sides of its hour', () => {
    const curve = curveOf(evaluation())
    expect(curve.answer).toBe(2.5)
    expect(curve.top).toBe(12)
    expect(curve.means).toEqual([
      { side: 'before', from: 0, to: 2, posts: 10 },
      { side: 'after', from: 3, to: 5, posts: 2 },
    ])
  })

  it('has no answer to place before there is one, and survives without posts', () => {
    expect(curveOf(evaluation({ answered_at: null })).means).toEqual([])
    expect(curveOf(evaluation({ curve: [] }))).toEqual({ columns: [], top: 1, answer: null, means: [] })
  })

  it('is told in words', () => {
    expect(curveText(evaluation())).toBe(
      '10 posts an hour before the answer, 2 after it. Negative: 50% before, 10% after.',
    )
    expect(curveText(evaluation({ before: side(2, 10, null) }))).toBe('10 posts an hour before the answer, 2 after it.')
    expect(curveText(evaluation({ answered_at: null }))).toBe('Not answered yet: 30 posts in 5 hours.')
    expect(curveText(evaluation({ after: null }))).toContain('one side')
  })
})

describe('the effect of an answer on the page', () => {
  const one = { id: 'c1', version: 2 } as Case

  it('has the chart named by its sentence, figures in tables, clocks and what was not touched', async () => {
    vi.spyOn(api, 'evaluation').mockResolvedValue(evaluation())
    const panel = mount(AnswerEffect, { props: { one } })
    await flushPromises()
    expect(panel.find('svg').attributes('aria-label')).toBe(panel.find('figcaption').text())
    const tables = panel.findAll('table').map((table) => table.findAll('tbody tr').map((row) => row.text()))
    expect(tables[0]![0]).toContain('50%40% – 70%yes')
    expect(tables[0]![1]).toContain('nothing before the answer')
    expect(tables[1]!.map((row) => /Kept|Late|Running/.exec(row)![0])).toEqual(['Kept', 'Late', 'Running'])
    expect(tables[2]).toHaveLength(5)
    expect(panel.find('.questions').text()).toContain('为什么停水')
    expect(panel.find('.questions').text()).not.toContain('赔吗')
    expect(panel.text()).toContain('Touched: Compensation')
    expect(panel.text()).toContain('Answered 2.5 hours after the first post')
  })

  it('is read again when the case has changed', async () => {
    const read = vi.spyOn(api, 'evaluation').mockResolvedValue(evaluation())
    const panel = mount(AnswerEffect, { props: { one } })
    await panel.setProps({ one: { ...one, version: 3 } })
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('calls questions open ones only once there is an answer', async () => {
    vi.spyOn(api, 'evaluation').mockResolvedValue(evaluation({ answered_at: null, effects: [] }))
    const panel = mount(AnswerEffect, { props: { one } })
    await flushPromises()
    expect(panel.find('h3').text()).toBe('Questions that posts ask')
  })
})

describe('similar incidents', () => {
  it('are shown with their case, how it went and what was answered', async () => {
    const past = { id: 'i0', title: '老城停水', first_at: '2026-05-01T00:00:00Z' }
    const case_ = {
      id: 'c0',
      level: 3,
      state: 'closed',
      unit: 'water',
      answered_at: '2026-05-01T05:00:00Z',
      answer: '已抢修完毕。',
      evaluation: { effect: 0.6 },
    }
    const items = [
      { incident: past, score: 0.82, terms: ['停水'], case: case_ },
      { incident: { ...past, id: 'i1', title: '无案' }, score: 0.4, terms: [], case: null },
    ] as unknown as SimilarIncident[]
    vi.spyOn(api, 'similar').mockResolvedValue({ items })
    const panel = mount(SimilarIncidents, { props: { incident: 'i9' }, ...links })
    await flushPromises()
    const [first, second] = panel.findAll('li')
    expect(first!.text()).toMatch(/82% alike.*停水/)
    expect(first!.text()).toContain('-40% against the trend before')
    expect(first!.text()).toContain('已抢修完毕。')
    expect(first!.find('a').attributes('data-to')).toBe('case')
    expect(second!.text()).toContain('No case was opened')
    expect(second!.find('a').attributes('data-to')).toBe('incident')
  })

  it('come with what people say is the same, and ask it of the others', async () => {
    const past = { id: 'i0', title: '老城停水', first_at: '2026-05-01T00:00:00Z' }
    const like = { score: 0.05, terms: [], case: null }
    const items = [
      { ...like, incident: past, same: true },
      { ...like, incident: { ...past, id: 'i1' }, same: false },
    ] as unknown as SimilarIncident[]
    vi.spyOn(api, 'similar').mockResolvedValue({ items })
    const panel = mount(SimilarIncidents, { props: { incident: 'i9', maySay: true }, ...links })
    await flushPromises()
    const [first, second] = panel.findAll('li')
    expect(first!.text()).toContain('People say that this is the same happening.')
    expect(first!.find('button').exists()).toBe(false)
    await second!.find('button').trigger('click')
    expect(panel.emitted('same')).toEqual([['i1']])
  })

  it('tell no effect where none was kept', () => {
    expect(pastEffect({ evaluation: {} })).toBeNull()
  })
})

const FOUND: Explanation = {
  incident: 'i9',
  looked_at: 40,
  first: { id: 'p1', at: '2026-06-01T02:00:00Z', text: '三号楼停水' } as Explanation['first'],
  path: [
    { source: 'forum.example', platform: 'forum', at: '2026-06-01T02:00:00Z', post: 'p1' },
    { source: 'weibo', platform: 'weibo', at: '2026-06-01T03:00:00Z', post: 'p2' },
  ],
  representatives: [],
  unverified: [{ code: 'figures_differ', posts: 5, examples: ['p7'], figures: ['3人', '5人'], refuted: null }],
  ending: { fewer_than: 12, hours: 6, recent: 40, quiet: false },
  negative_early: 0.2,
  negative_late: 0.6,
}

async function explained(found: Explanation) {
  vi.spyOn(api, 'explanation').mockResolvedValue(found)
  const panel = mount(IncidentExplained, { props: { incident: 'i9', posts: [] } })
  await flushPromises()
  return panel
}

describe('what the posts of an incident tell', () => {
  it('names the sign, the figures and the posts, and judges nothing', async () => {
    const post = vi.spyOn(api, 'post').mockResolvedValue({ post: { id: 'p7', text: '听说伤了5人' } } as never)
    const panel = await explained(FOUND)
    expect(panel.text()).toMatch(/Figures differ.*3人, 5人/)
    expect(panel.text()).toContain('nothing is judged true or false')
    await panel.find('details').trigger('toggle')
    await flushPromises()
    expect(post).toHaveBeenCalledWith('p7')
    expect(panel.find('blockquote').text()).toBe('听说伤了5人')
  })

  it('names a claim that was refuted before, what is right, who said so and when', async () => {
    const refuted = {
      id: 'water',
      name: { 'zh-Hans': '自来水有毒' },
      claims: ['自来水有毒'],
      right: '水质检测合格',
      source: '区水务局',
      date: '2026-03-02',
      alike: 0.5,
    }
    const again = { code: 'refuted_before', posts: 2, examples: [], figures: [], refuted }
    const panel = await explained({ ...FOUND, unverified: [again] })
    expect(panel.text()).toMatch(
      /Near a claim refuted before.*自来水有毒.*What is right: 水质检测合格.*区水务局, 2026-03-02/,
    )
    expect(panel.text()).toContain('nothing is judged true or false')
  })

  it('tells the first post, its way through the sources in order, and how feelings turned', async () => {
    const panel = await explained(FOUND)
    expect(panel.text()).toContain('三号楼停水')
    expect(panel.findAll('.path li').map((one) => one.find('.said').text())).toEqual(['forum.example', 'weibo'])
    expect(panel.text()).toContain('Negative: 20% in the earlier half, 60% in the later')
  })

  it.each([
    [
      { fewer_than: 12, hours: 6, recent: 40, quiet: false },
      /Fewer than 12 more posts within 6 hours\. 40 in the last/,
    ],
    [{ fewer_than: 1, hours: 1, recent: 2, quiet: false }, /No more posts within 1 hour\./],
    [{ fewer_than: 12, hours: 6, recent: 3, quiet: true }, /It has ended\. 3 in the last 6 hours\./],
  ])('says what would make it end: %o', async (ending, words) => {
    const panel = await explained({ ...FOUND, ending })
    expect(panel.find('.ending').text()).toMatch(words)
  })
})
