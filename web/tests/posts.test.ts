import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { FoundPost } from '@/api/types'
import PostItem from '@/components/PostItem.vue'

const HOSTILE = '<img src=x onerror="alert(1)">\u202e睡不着'

function found(): FoundPost {
  const flat = (label: string) => ({ label, probs: { [label]: 0.9 } })
  return {
    incident: null,
    copies: 3,
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
      reply_to: null,
      root: null,
      likes: 0,
      comments: 0,
      shares: 0,
      extra: {},
      masks: {},
      lang: 'zh-Hans',
      search: '',
      group: 'p1',
      revision: 0,
      labels: {
        sentiment: flat('negative'),
        emotion: flat('angry'),
        domain: flat('none'),
        intent: flat('投诉'),
        offensive: { label: 'clean', prob: 0 },
        places: [],
        risk: { score: 0, hits: [] },
        reasons: { sentiment: [{ text: '睡不着', weight: 2 }] },
        model: '',
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

  it('tells how many posts say the same', () => {
    expect(show().find('.copies').text()).toContain('3')
  })
})
