import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/client'
import type { FoundPost } from '@/api/types'
import AuditTimeline from '@/components/AuditTimeline.vue'
import PostItem from '@/components/PostItem.vue'
import { session } from '@/state/session'
import { afterTaught } from '@/state/teaching'

const HOSTILE = '<img src=x onerror="alert(1)">\u202e睡不着'

function found(): FoundPost {
  const flat = (label: string) => ({ label, probs: { [label]: 0.9 }, unsure: false })
  return {
    incident: null,
    copies: 3,
    interactions: 1_234,
    highlights: { title: [[1, 7]], text: [[1, 4]] },
    post: {
      id: 'p1',
      source: 's',
      platform: 'weibo',
      at: '2026-06-01T00:00:00Z',
      seen_at: '2026-06-01T00:00:00Z',
      jurisdiction: '990100',
      text: HOSTILE,
      title: '<script>1</script>',
      url: 'javascript:alert(1)',
      author: null,
      author_since: null,
      reply_to: null,
      root: null,
      v: 1,
      likes: 0,
      comments: 0,
      shares: 0,
      extra: {},
      masks: {},
      lang: 'zh-Hans',
      search: '',
      group: 'p1',
      revision: 0,
      gone_at: null,
      labels: {
        sentiment: { label: 'negative', probs: { negative: 0.9, neutral: 0.08, positive: 0.02 }, unsure: false },
        emotion: flat('angry'),
        domain: flat('none'),
        intent: flat('投诉'),
        offensive: { label: 'clean', prob: 0, unsure: false },
        danger: flat('none'),
        places: [],
        risk: { score: 0, hits: [] },
        reasons: { sentiment: [{ text: '睡不着', weight: 2 }] },
        told: {},
        model: '',
        target: null,
      },
    },
  }
}

const show = () => mount(PostItem, { props: { found: found() }, global: { stubs: { RouterLink: true } } })

describe('PostItem', () => {
  it('shows hostile text as text', () => {
    const item = show()
    expect(item.text()).toContain(HOSTILE)
    expect(item.find('img, script, a').exists()).toBe(false)
  })

  it('marks the reasons of a label when it is chosen, and unmarks them again', async () => {
    const item = show()
    const marks = () => item.findAll('.text mark').map((mark) => mark.text())
    await item.find('.label.sentiment').trigger('click')
    expect(marks()).toEqual(['睡不着'])
    await item.find('.label.sentiment').trigger('click')
    expect(marks()).toEqual(['img'])
  })

  it('marks the words that were searched for in title and text', () => {
    expect(
      show()
        .findAll('mark')
        .map((mark) => mark.text()),
    ).toEqual(['script', 'img'])
  })

  it('says of a post that its source does not have any more since when', () => {
    const post = found()
    expect(
      mount(PostItem, { props: { found: post } })
        .find('.gone')
        .exists(),
    ).toBe(false)
    post.post.gone_at = '2026-06-01T01:00:00Z'
    const item = mount(PostItem, { props: { found: post } })
    expect(item.find('.gone').text()).toContain('原帖已删除或不可见')
    expect(item.text()).toContain(HOSTILE)
  })

  it('says of an unsure label that it is, and does not colour it', () => {
    const post = found()
    post.post.labels.sentiment = { label: 'negative', probs: { negative: 0.4 }, unsure: true }
    const label = mount(PostItem, { props: { found: post } }).find('.label.sentiment')
    expect(label.text()).toContain('不确定：负面？')
    expect(label.classes()).not.toContain('negative')
  })

  it('tells how many posts say the same and what people did with all of them, and nothing of one that stands alone', () => {
    expect(show().find('.alike').text()).toBe('3 条相同 · 合计互动 1,234 次')
    const alone = mount(PostItem, { props: { found: { ...found(), copies: 1 } } })
    expect(alone.find('.alike').exists()).toBe(false)
  })

  it('says the same in the timeline of a case', () => {
    const timeline = mount(AuditTimeline, { props: { rows: [], posts: [found()] } })
    expect(timeline.find('li.post .alike').text()).toBe('3 条相同 · 合计互动 1,234 次')
  })
})

/** The post after a person called it `label`, whatever the model had said. */
function told(label: string): FoundPost {
  const was = found()
  const labels = {
    ...was.post.labels,
    sentiment: { label, probs: { [label]: 1 }, unsure: false },
    reasons: { sentiment: [{ text: 'correction k1', weight: 0 }] },
    told: {
      sentiment: {
        by: 'person',
        who: '王',
        at: '2026-06-01T00:00:00Z',
        correction: 'k1',
        near: false,
        model: was.post.labels.sentiment,
        reasons: [{ text: '睡不着', weight: 2 }],
        target: null,
        risk: null,
      },
    },
  }
  return { ...was, post: { ...was.post, labels } }
}

describe('correcting a label', () => {
  afterEach(() => {
    session.value = null
    vi.restoreAllMocks()
  })

  it('is for those who may', async () => {
    session.value = { name: '李', role: 'viewer', unit: null, screen: false, idle_minutes: 0 }
    const item = show()
    await item.find('.label.sentiment').trigger('click')
    expect(item.find('.editor, .label.all').exists()).toBe(false)
  })

  it('takes one click, tells who and when and what the model had said, and can be undone', async () => {
    session.value = { name: '王', role: 'responder', unit: null, screen: false, idle_minutes: 0 }
    const correct = vi.spyOn(api, 'correct').mockResolvedValue({ post: told('neutral'), corrections: [], alike: 2 })
    const withdraw = vi.spyOn(api, 'withdraw').mockResolvedValue({ post: found(), corrections: [], alike: 2 })
    const item = show()
    await item.find('.label.sentiment').trigger('click')
    const group = item.find('.editor [role=group]')
    expect(group.attributes('aria-label')).toBe('情感：改为')
    expect(group.findAll('button').map((b) => [b.text(), b.attributes('aria-pressed')])).toEqual([
      ['负面', 'true'],
      ['中性', 'false'],
      ['正面', 'false'],
    ])

    await group.findAll('button')[1]!.trigger('click')
    await flushPromises()
    expect(correct).toHaveBeenCalledWith('p1', { sentiment: 'neutral' })
    expect(item.find('.label.sentiment').text()).toBe('中性 人工')
    expect(item.find('.who').text()).toContain('王')
    expect(item.find('.who').text()).toContain('模型原判：负面（90%）')
    expect(item.find('[role=status]').text()).toContain('2 条')
    expect(item.emitted('taught')).toHaveLength(1)

    await item.find('.undo').trigger('click')
    await flushPromises()
    expect(withdraw).toHaveBeenCalledWith('k1')
    expect(item.find('.label.sentiment').text()).toBe('负面 90%')
  })

  it('of a post like this one is undone for this one too', async () => {
    session.value = { name: '王', role: 'responder', unit: null, screen: false, idle_minutes: 0 }
    const other = { ...found(), post: { ...found().post, id: 'p9', text: 'another' } }
    vi.spyOn(api, 'withdraw').mockResolvedValue({ post: other, corrections: [], alike: 1 })
    vi.spyOn(api, 'post').mockResolvedValue(found())
    const item = mount(PostItem, { props: { found: told('neutral') }, global: { stubs: { RouterLink: true } } })
    await item.find('.label.sentiment').trigger('click')
    await item.find('.undo').trigger('click')
    await flushPromises()
    expect(item.find('.label.sentiment').text()).toBe('负面 90%')
    expect(item.text()).not.toContain('another')
  })

  it('reaches labels that say nothing and are not shown', async () => {
    session.value = { name: '王', role: 'leader', unit: null, screen: false, idle_minutes: 0 }
    const item = show()
    expect(item.find('.label.domain').exists()).toBe(false)
    await item.find('.label.all').trigger('click')
    expect(item.findAll('.editor [role=group]')).toHaveLength(6)
    expect(item.findAll('.choice.present').map((b) => b.text())).toContain('其他')
  })

  it('says what the server refuses and leaves the label as it is', async () => {
    session.value = { name: '王', role: 'responder', unit: null, screen: false, idle_minutes: 0 }
    vi.spyOn(api, 'correct').mockRejectedValue(new Error('no'))
    const item = show()
    await item.find('.label.sentiment').trigger('click')
    await item.findAll('.choice')[1]!.trigger('click')
    await flushPromises()
    expect(item.find('[role=alert]').exists()).toBe(true)
    expect(item.find('.label.sentiment').text()).toBe('负面 90%')
  })

  it('brings posts of the same group up to date in a list', async () => {
    const other = { ...found(), post: { ...found().post, id: 'p2' } }
    const far = { ...found(), post: { ...found().post, id: 'p3', group: 'p3' } }
    const fresh = { ...told('neutral'), post: { ...told('neutral').post, id: 'p2' } }
    const asked = vi.spyOn(api, 'post').mockResolvedValue(fresh)
    const list = await afterTaught([found(), other, far], told('neutral'))
    expect(list.map(({ post }) => post.labels.sentiment.label)).toEqual(['neutral', 'neutral', 'negative'])
    expect(asked.mock.calls).toEqual([['p2']])
  })
})
