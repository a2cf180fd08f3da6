import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { api, ApiError } from '@/api/client'
import type { Draft, DraftKinds, DraftView, Role, Sentence } from '@/api/types'
import DraftPanel from '@/components/DraftPanel.vue'
import DraftSheet from '@/components/DraftSheet.vue'
import { chooseLocale } from '@/i18n'
import { findings, pieces, wishes } from '@/model/drafts'
import { session } from '@/state/session'

const sentence = (text: string, more: Partial<Sentence> = {}): Sentence => ({
  part: 'known',
  text,
  cites: [{ kind: 'fact', id: 'f1' }],
  unsupported: [],
  forbidden: [],
  edited_by: '',
  ...more,
})

function draft(more: Partial<Draft> = {}): Draft {
  return {
    id: 'd1',
    case: 'c1',
    at: '2026-06-01T00:00:00Z',
    status: 'proposed',
    kind: 'reply',
    sentences: [sentence('主管破损，影响120户。')],
    questions: [],
    refusal: '',
    method: 'template',
    ai_label: 'AI',
    ai_metadata: {},
    evidence: [
      {
        kind: 'fact',
        id: 'f1',
        title: '',
        text: '影响120户',
        owner: 'water',
        source: '区水务局',
        valid_until: null,
        reasons: [],
      },
      { kind: 'post', id: 'p1', title: '', text: '又停水了', owner: '', source: '', valid_until: null, reasons: [] },
    ],
    edits: [],
    approvals: [],
    needed: 2,
    version: 3,
    v: 1,
    ...more,
  }
}

const view = (of: Draft, moves = ['edit', 'approve', 'reject']): DraftView => ({ draft: of, tone: [], moves })
const stale = () => new ApiError({ type: 'x#conflict', title: 'Conflict', status: 409 })
const loggedIn = (role: Role, name = '周岚') => (session.value = { name, role } as unknown as typeof session.value)

async function sheet(of: Draft, moves?: string[]) {
  vi.spyOn(api, 'draftView').mockResolvedValue(view(of, moves))
  const shown = mount(DraftSheet, { props: { draft: of, parts: ['known', 'doing'] } })
  await flushPromises()
  return shown
}

const button = (page: ReturnType<typeof mount>, text: string) =>
  page.findAll('button').find((one) => one.text().includes(text))

beforeEach(() => {
  chooseLocale('en')
  loggedIn('leader')
})
afterEach(() => {
  vi.restoreAllMocks()
  session.value = null
})

describe('pieces', () => {
  it('set words without evidence apart, wherever they stand', () => {
    expect(pieces('共120户，又120户', ['120户'])).toEqual([
      { text: '共', bare: false },
      { text: '120户', bare: true },
      { text: '，又', bare: false },
      { text: '120户', bare: true },
    ])
  })

  it('take a word literally and leave one out that is not there as written', () => {
    expect(pieces('价格(1.5)元', ['(1.5)', '一百'])).toEqual([
      { text: '价格', bare: false },
      { text: '(1.5)', bare: true },
      { text: '元', bare: false },
    ])
    expect(pieces('没有', ['一百', ''])).toEqual([{ text: '没有', bare: false }])
  })
})

describe('wishes', () => {
  it('leave empty sentences out and send nothing but what the API takes', () => {
    expect(wishes([sentence('一。'), sentence('  ')])).toEqual([
      { part: 'known', text: '一。', cites: [{ kind: 'fact', id: 'f1' }] },
    ])
  })

  it('findings are those of all sentences', () => {
    const both = [sentence('a', { unsupported: ['120户'] }), sentence('b', { forbidden: ['保证'] })]
    expect(findings({ sentences: both })).toEqual(['120户', '保证'])
  })
})

describe('a draft on the page', () => {
  it('has its evidence beside each sentence and marks what the evidence does not hold', async () => {
    const page = await sheet(
      draft({
        sentences: [sentence('影响300户。', { unsupported: ['300户'] }), sentence('特此说明。', { cites: [] })],
      }),
    )
    const rows = page.findAll('.sentence')
    expect(rows[0]!.find('.held').text()).toContain('影响120户')
    expect(rows[0]!.findAll('mark').map((one) => one.text())).toEqual(['300户'])
    expect(rows[1]!.text()).toContain('This sentence has no evidence')
    expect(page.findAll('.files a').map((one) => one.attributes('href'))).toEqual(
      ['docx', 'pdf', 'txt'].map((format) => `/api/v1/drafts/d1/file?format=${format}`),
    )
  })

  it('calls words of a post gone only once it has asked for them', async () => {
    const bare = draft({ evidence: [], sentences: [sentence('又停水了。', { cites: [{ kind: 'post', id: 'p1' }] })] })
    let answer: (found: DraftView) => void = () => {}
    vi.spyOn(api, 'draftView').mockReturnValue(new Promise((resolve) => (answer = resolve)))
    const page = mount(DraftSheet, { props: { draft: bare, parts: [] } })
    expect(page.find('.held').text()).not.toContain('no longer stored')
    answer(view(bare))
    await flushPromises()
    expect(page.find('.held').text()).toContain('no longer stored')
  })

  it('is saved over the version that was on the screen', async () => {
    const page = await sheet(draft())
    const put = vi.spyOn(api, 'editDraft').mockResolvedValue(view(draft({ version: 4, sentences: [sentence('新。')] })))
    await button(page, 'Edit the draft')!.trigger('click')
    const save = () => page.find<HTMLButtonElement>('.editor .primary').element
    expect(save().disabled).toBe(true)
    expect(page.find('fieldset').text()).toContain('影响120户')
    await page.find('textarea').setValue('新。')
    await page.find('input[name=cite-post-p1]').setValue(true)
    await page.find('input[name=draft-why]').setValue('更正')
    expect(save().disabled).toBe(false)
    await page.find('form').trigger('submit')
    await flushPromises()
    const cites = [
      { kind: 'fact', id: 'f1' },
      { kind: 'post', id: 'p1' },
    ]
    expect(put).toHaveBeenCalledWith('d1', [{ part: 'known', text: '新。', cites }], '更正', 3)
    expect(page.find('.editor').exists()).toBe(false)
    expect(page.text()).toContain('新。')
    expect(page.emitted('changed')).toHaveLength(1)
  })

  it('keeps what was typed when somebody else was first, shows theirs, and replaces it only on demand', async () => {
    const page = await sheet(draft())
    await button(page, 'Edit the draft')!.trigger('click')
    await page.find('textarea').setValue('我的。')
    vi.spyOn(api, 'draftView').mockResolvedValue(view(draft({ version: 5, sentences: [sentence('别人的。')] })))
    const put = vi.spyOn(api, 'editDraft').mockRejectedValueOnce(stale())
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(page.find('textarea').element.value).toBe('我的。')
    expect(page.find('.conflict').attributes('role')).toBe('alert')
    expect(page.find('.theirs').text()).toBe('别人的。')
    expect(page.find<HTMLButtonElement>('.editor .primary').element.disabled).toBe(true)

    put.mockResolvedValueOnce(view(draft({ version: 6, sentences: [sentence('我的。')] })))
    await button(page, 'Replace it by mine')!.trigger('click')
    await flushPromises()
    expect(put.mock.calls.at(-1)![3]).toBe(5)
    expect(page.find('.editor').exists()).toBe(false)
  })

  it('can be changed to the text of the other person', async () => {
    const page = await sheet(draft())
    await button(page, 'Edit the draft')!.trigger('click')
    vi.spyOn(api, 'draftView').mockResolvedValue(view(draft({ version: 5, sentences: [sentence('别人的。')] })))
    await page.setProps({ draft: draft({ version: 5 }) })
    await flushPromises()
    await button(page, 'Take the present text')!.trigger('click')
    expect(page.find('textarea').element.value).toBe('别人的。')
    expect(page.find('.conflict').exists()).toBe(false)
  })
})

describe('the focus', () => {
  it('goes to the first sentence when editing begins, and back to where it began when it ends', async () => {
    vi.spyOn(api, 'draftView').mockResolvedValue(view(draft()))
    const page = mount(DraftSheet, { props: { draft: draft(), parts: [] }, attachTo: document.body })
    await flushPromises()
    await button(page, 'Edit the draft')!.trigger('click')
    expect(document.activeElement).toBe(page.find('textarea').element)
    await button(page, 'Cancel')!.trigger('click')
    await flushPromises()
    expect(document.activeElement).toBe(button(page, 'Edit the draft')!.element)
    page.unmount()
  })
})

describe('approval', () => {
  it('counts persons, says who approved, and lets nobody approve twice', async () => {
    const given = [{ at: '2026-06-01T01:00:00Z', who: '周岚', approved: true, version: 2, why: '' }]
    const page = await sheet(draft({ approvals: given }))
    expect(page.find('.approval [role=status]').text()).toBe('Approved by 1 of 2')
    expect(page.find('.who').text()).toContain('周岚')
    expect(button(page, 'Approve')!.attributes('disabled')).toBeDefined()
    expect(page.text()).toContain('somebody else has to as well')
    page.unmount()

    loggedIn('leader', '陈默')
    const other = await sheet(draft({ approvals: given }))
    const approve = vi
      .spyOn(api, 'approveDraft')
      .mockResolvedValue(view(draft({ status: 'approved', version: 4 }), ['edit', 'reject']))
    await button(other, 'Approve')!.trigger('click')
    await flushPromises()
    expect(approve).toHaveBeenCalledWith('d1', '', false, 3)
    expect(other.find('.approval .done').text()).toBe('Approved')
  })

  it('is stopped by words without evidence until they are accepted with a reason', async () => {
    const page = await sheet(draft({ sentences: [sentence('影响300户。', { unsupported: ['300户'] })] }))
    const stopped = () => button(page, 'Approve')!.attributes('disabled') !== undefined
    expect(page.find('.findings').text()).toContain('300户')
    expect(stopped()).toBe(true)
    await page.find('input[name=draft-accept]').setValue(true)
    expect(stopped()).toBe(true)
    await page.find('input[name=draft-decision]').setValue('已电话核实')
    expect(stopped()).toBe(false)
  })

  it('is a leader’s; a responder reads who is to approve, a viewer cannot edit', async () => {
    loggedIn('responder')
    const page = await sheet(draft())
    expect(button(page, 'Approve')).toBeUndefined()
    expect(page.text()).toContain('A leader approves it.')
    expect(button(page, 'Edit the draft')).toBeDefined()
    page.unmount()
    loggedIn('viewer')
    expect(button(await sheet(draft()), 'Edit the draft')).toBeUndefined()
  })

  it('needs a reason to reject', async () => {
    const page = await sheet(draft())
    const reject = vi.spyOn(api, 'rejectDraft').mockResolvedValue(view(draft({ status: 'rejected' }), ['edit']))
    expect(button(page, 'Reject')!.attributes('disabled')).toBeDefined()
    await page.find('input[name=draft-decision]').setValue('数字待核')
    await button(page, 'Reject')!.trigger('click')
    await flushPromises()
    expect(reject).toHaveBeenCalledWith('d1', '数字待核', 3)
    expect(page.text()).toContain('an edit opens it again')
  })
})

describe('the draft panel', () => {
  const kinds = {
    items: [
      { id: 'reply', name: { en: 'Reply' }, needs: ['known'], internal: false },
      { id: 'brief', name: { en: 'Flash report' }, needs: [], internal: true },
    ],
    parts: { known: '事实' },
    tone: [],
  } as unknown as DraftKinds

  it('drafts the kind that was chosen', async () => {
    vi.spyOn(api, 'draftKinds').mockResolvedValue(kinds)
    const made = vi.spyOn(api, 'draft').mockResolvedValue(draft())
    const panel = mount(DraftPanel, { props: { caseId: 'c1', drafts: [] } })
    await flushPromises()
    expect(panel.text()).toContain('Needs fact cards: What is known')
    await panel.find('select[name=draft-kind]').setValue('brief')
    expect(panel.text()).toContain('Stays inside the office')
    await panel.find('form').trigger('submit')
    await flushPromises()
    expect(made).toHaveBeenCalledWith('c1', 'brief')
    expect(panel.emitted('changed')).toHaveLength(1)
  })

  it('lists what to ask, and whom, when a draft is refused', () => {
    vi.spyOn(api, 'draftKinds').mockResolvedValue(kinds)
    const questions = [{ text: '请核实起因。', unit: 'water' }]
    const refused = draft({ status: 'refused', sentences: [], questions, refusal: '没有事实卡' })
    const panel = mount(DraftPanel, { props: { caseId: 'c1', drafts: [refused] } })
    expect(panel.find('.refused').text()).toContain('没有事实卡')
    expect(panel.find('.questions').text()).toMatch(/请核实起因。\s*ask water/)
    expect(panel.find('.files').exists()).toBe(false)
  })

  it('stays at the draft that is being edited when a newer one appears', async () => {
    vi.spyOn(api, 'draftKinds').mockResolvedValue(kinds)
    vi.spyOn(api, 'draftView').mockResolvedValue(view(draft()))
    const panel = mount(DraftPanel, { props: { caseId: 'c1', drafts: [draft()] } })
    await flushPromises()
    await button(panel, 'Edit the draft')!.trigger('click')
    await panel.find('textarea').setValue('正在写。')
    await panel.setProps({ drafts: [draft({ id: 'd2' }), draft()] })
    expect(panel.find('textarea').element.value).toBe('正在写。')
    expect(panel.find<HTMLSelectElement>('select[name=draft-which]').element.value).toBe('d1')
  })

  it('still drafts a reply when the list of kinds cannot be read', async () => {
    vi.spyOn(api, 'draftKinds').mockRejectedValue(stale())
    const made = vi.spyOn(api, 'draft').mockResolvedValue(draft())
    const panel = mount(DraftPanel, { props: { caseId: 'c1', drafts: [] } })
    await flushPromises()
    await panel.find('form').trigger('submit')
    expect(made).toHaveBeenCalledWith('c1', 'reply')
  })
})
