import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/client'
import {
  manage,
  type AuditRow,
  type DryRun,
  type FactCard,
  type FactState,
  type ItemVersion,
  type Person,
  type Policy,
  type PolicyItem,
  type Source,
} from '@/api/manage'
import { chooseLocale } from '@/i18n'
import AuditPanel from '@/manage/AuditPanel.vue'
import FactForm from '@/manage/FactForm.vue'
import FactImport from '@/manage/FactImport.vue'
import FactsPanel from '@/manage/FactsPanel.vue'
import ItemEditor from '@/manage/ItemEditor.vue'
import ItemTrial from '@/manage/ItemTrial.vue'
import PeoplePanel from '@/manage/PeoplePanel.vue'
import RulesPanel from '@/manage/RulesPanel.vue'
import SourcesPanel from '@/manage/SourcesPanel.vue'
import { fromField, toField } from '@/model/fields'
import { timeZone } from '@/model/format'
import { conditions, differences, figureField, readText, splitList, withFigure, withList } from '@/model/policyItem'
import { missedSentence } from '@/model/reasons'
import { session } from '@/state/session'

const HOSTILE = '<img src=x onerror="alert(1)">'
const RULE: PolicyItem = {
  id: 'school-meals',
  name: { 'zh-Hans': '校园餐', en: 'School meals' },
  level: 3,
  source: HOSTILE,
  min_posts: 3,
  min_authors: 1,
  min_negative: 0.4,
  words: ['食堂', '校园餐'],
  risks: [],
  any_of: [{ min_heat: 5 }, { min_burst: 2 }],
}

const version = (n: number, item: PolicyItem | null, why = '开学季'): ItemVersion => ({
  kind: 'rule',
  id: 'school-meals',
  version: n,
  at: '2026-06-01T00:00:00Z',
  who: 'bo',
  why,
  item,
})

const refused = (code: string, status: number, more: object = {}) =>
  new ApiError({ type: `/docs/api#${code}`, title: code, status, ...more })

const global = { stubs: { RouterLink: { template: '<a><slot /></a>' } } }

beforeEach(() => {
  chooseLocale('en')
  session.value = { name: 'Anna', role: 'leader' } as unknown as NonNullable<typeof session.value>
})

afterEach(() => {
  vi.restoreAllMocks()
  timeZone.value = 'Asia/Shanghai'
})

describe('a rule in its form', () => {
  it('shows a share in percent and leaves empty what asks for nothing', () => {
    expect(figureField(RULE, 'min_negative')).toBe('40')
    expect(figureField(RULE, 'min_authors')).toBe('')
    expect(figureField(RULE, 'min_heat')).toBe('')
  })

  it('drops a figure that is emptied and keeps the fields that the form does not know', () => {
    const changed = withFigure(withFigure(RULE, 'min_negative', ''), 'min_risk', '0.5')
    expect(changed).not.toHaveProperty('min_negative')
    expect(changed).toMatchObject({ min_risk: 0.5, any_of: RULE['any_of'] })
  })

  it('reads words from lines and commas of any script, each once', () => {
    expect(splitList('食堂、校园餐\n, 食堂；school meals ，')).toEqual(['食堂', '校园餐', 'school meals'])
    expect(withList(RULE, 'words', [])).not.toHaveProperty('words')
  })

  it('says its conditions in words, alternatives by their number', () => {
    expect(conditions(RULE, String)).toEqual([
      'posts at least 3',
      'negative share at least 40%',
      'words: 食堂, 校园餐',
      'alternative conditions: 2',
    ])
    expect(conditions({ ...RULE, reasons: ['rising', 'burst'] }, String)).toContain('raised for: Slow rise, Burst')
  })

  it('is not read from a text that is no object', () => {
    expect([readText('{"id": '), readText('[1]'), readText('null'), readText('3')]).toEqual([null, null, null, null])
    expect(readText('{"id": "a"}')).toEqual({ id: 'a' })
  })

  it('differs from its older version by field, defaults aside', () => {
    const after = { ...RULE, min_posts: 5, min_heat: 0, words: ['食堂'] }
    expect(differences(RULE, after)).toEqual([
      { field: 'min_posts', before: '3', after: '5' },
      { field: 'words', before: '食堂, 校园餐', after: '食堂' },
    ])
  })
})

describe('the editor of a rule', () => {
  const open = async (versions: ItemVersion[] = [version(4, RULE)], fresh = false) => {
    vi.spyOn(manage, 'history').mockResolvedValue({ items: versions })
    const props = { kind: 'rule', start: RULE, fresh, taken: ['school-meals'], mayChange: true } as const
    const editor = mount(ItemEditor, { props, global })
    await flushPromises()
    return editor
  }

  it('saves what was changed with why, over the version that was seen', async () => {
    const save = vi.spyOn(manage, 'saveItem').mockResolvedValue(version(5, RULE))
    const editor = await open()
    await editor.get('[name=min_posts]').setValue('8')
    await editor.get('[name=why]').setValue('too many')
    await editor.get('form').trigger('submit')
    await flushPromises()
    const [kind, id, body] = save.mock.calls[0]!
    expect([kind, id, body.why, body.version]).toEqual(['rule', 'school-meals', 'too many', 4])
    expect(body.item).toMatchObject({ min_posts: 8, min_negative: 0.4, any_of: RULE['any_of'] })
    expect(editor.emitted('saved')).toHaveLength(1)
  })

  it('begins with the newest version, not with the older one that the list had', async () => {
    const editor = await open([version(6, { ...RULE, min_posts: 12 }), version(5, RULE)])
    expect((editor.get('[name=min_posts]').element as HTMLInputElement).value).toBe('12')
    expect(editor.get('ins').text()).toBe('12')
    expect(editor.get('del').text()).toBe('3')
  })

  it('says who was first when the save is refused, and saves over it only when told to', async () => {
    const happened = [{ at: '2026-06-01T00:00:00Z', who: 'bo', action: 'policy.changed', why: HOSTILE, version: 5 }]
    const save = vi
      .spyOn(manage, 'saveItem')
      .mockRejectedValueOnce(refused('stale', 409, { version: 5, happened }))
      .mockResolvedValue(version(6, RULE))
    const editor = await open()
    await editor.get('[name=why]').setValue('mine')
    await editor.get('form').trigger('submit')
    await flushPromises()
    expect(editor.get('[role=alert]').text()).toContain('bo')
    expect(editor.get('[role=alert]').text()).toContain(HOSTILE)
    expect(editor.find('img').exists()).toBe(false)
    expect(editor.get('button.primary').attributes('disabled')).toBeDefined()
    await editor.get('[name=mine]').trigger('click')
    await editor.get('form').trigger('submit')
    await flushPromises()
    expect(save.mock.calls[1]![2].version).toBe(5)
  })

  it('takes the whole rule as text, and refuses a text that is broken', async () => {
    const save = vi.spyOn(manage, 'saveItem').mockResolvedValue(version(5, RULE))
    const editor = await open()
    await editor.get('[name=as-text]').trigger('click')
    await editor.get('[name=text]').setValue('{"id": "school-meals", ')
    await editor.get('form').trigger('submit')
    expect(editor.get('[role=alert]').text()).toContain('JSON')
    expect(save).not.toHaveBeenCalled()
    await editor.get('[name=text]').setValue('{"id": "school-meals", "none_of": [{"min_heat": 1}]}')
    await editor.get('form').trigger('submit')
    await flushPromises()
    expect(save.mock.calls[0]![2].item).toEqual({ id: 'school-meals', none_of: [{ min_heat: 1 }] })
  })

  it('does not let a new rule stand for one that is there', async () => {
    const editor = await open([], true)
    expect(editor.get('[role=alert]').text()).toContain('school-meals')
    expect(editor.get('button.primary').attributes('disabled')).toBeDefined()
    await editor.get('[name=id]').setValue('other')
    expect(editor.get('button.primary').attributes('disabled')).toBeUndefined()
  })

  it('shows a viewer the rule and its history, and nothing to change', async () => {
    vi.spyOn(manage, 'history').mockResolvedValue({ items: [version(1, RULE)] })
    const props = { kind: 'rule', start: RULE, taken: [], mayChange: false } as const
    const editor = mount(ItemEditor, { props, global })
    await flushPromises()
    expect(editor.find('form').exists()).toBe(false)
    expect(editor.text()).toContain('Version 1')
  })
})

describe('the dry run', () => {
  const RUN: DryRun = {
    since: '2026-06-01T00:00:00Z',
    until: '2026-06-08T00:00:00Z',
    tried: 9,
    raised: 7,
    would: [
      {
        id: 'i1',
        title: HOSTILE,
        holds: true,
        at: '2026-06-02T00:00:00Z',
        posts: 4,
        case: 'c1',
        examples: [],
        reasons: [{ code: 'rule.posts', facts: { rule: 'r', value: 4, threshold: 3 } }],
      },
    ],
    would_not: [
      {
        id: 'i2',
        title: '停水',
        holds: false,
        at: '2026-06-02T00:00:00Z',
        posts: 3,
        case: null,
        examples: [],
        reasons: [
          { code: 'rule.posts', facts: { rule: 'r', value: 3, threshold: 3 } },
          { code: 'rule.negative', facts: { rule: 'r', value: 0.1, threshold: 0.4 } },
        ],
      },
    ],
  }

  it('says how many cases the rule would have raised, and for each no what kept it from it', async () => {
    const start = vi.spyOn(manage, 'tryItem').mockResolvedValue(RUN)
    const trial = mount(ItemTrial, { props: { kind: 'rule', item: RULE }, global })
    await trial.get('[name=days]').setValue(14)
    await trial.get('[name=try]').trigger('click')
    await flushPromises()
    expect(start).toHaveBeenCalledWith('rule', RULE, 14)
    expect(trial.get('[role=status]').text()).toContain('it would have raised 7')
    expect(trial.text()).toContain(HOSTILE)
    expect(trial.find('img').exists()).toBe(false)
    expect(trial.findAll('.missed').map((one) => one.text())).toEqual([
      expect.stringContaining('10% negative only, 40% asked for'),
    ])
  })

  it('is out of date once the rule is changed', async () => {
    vi.spyOn(manage, 'tryItem').mockResolvedValue(RUN)
    const trial = mount(ItemTrial, { props: { kind: 'rule', item: RULE }, global })
    await trial.get('[name=try]').trigger('click')
    await flushPromises()
    await trial.setProps({ item: { ...RULE, min_posts: 9 } })
    expect(trial.get('[role=status]').text()).toContain('try it again')
    expect(trial.findAll('li')).toHaveLength(0)
  })

  it('never says of a figure that was too small that it reached its threshold', () => {
    const names = ['posts', 'authors', 'copies', 'sources', 'heat', 'speed', 'ratio', 'burst', 'negative', 'risk']
    for (const locale of ['zh-Hans', 'zh-Hant', 'en'] as const) {
      chooseLocale(locale)
      for (const name of names) {
        const said = missedSentence({ code: `rule.${name}`, facts: { rule: 'r', value: 1, threshold: 5 } })
        expect(said, name).not.toMatch(/reach|达到|達到|\{/)
      }
    }
  })
})

describe('a field of date and time', () => {
  it.each(['Asia/Shanghai', 'Asia/Urumqi', 'America/New_York', 'Europe/Berlin'])(
    'is the office’s clock: %s',
    (zone) => {
      timeZone.value = zone
      for (const at of ['2026-01-01T00:00:00.000Z', '2026-07-01T23:30:00.000Z', '2026-03-29T05:00:00.000Z']) {
        expect(fromField(toField(at))).toBe(at)
      }
    },
  )

  it('reads half past eight in Shanghai as half past midnight', () => {
    expect(fromField('2026-06-01T08:30')).toBe('2026-06-01T00:30:00.000Z')
    expect([fromField(''), toField(null)]).toEqual([null, ''])
  })
})

const card = (id: string, more: Partial<FactCard> = {}): FactCard => ({
  id,
  jurisdiction: '990100',
  part: 'known',
  text: `fact ${id}`,
  unit: 'housing',
  source: 'order 7',
  terms: ['停水'],
  domain: null,
  place: null,
  valid_from: null,
  valid_until: '2026-06-09T00:00:00Z',
  withdrawn: false,
  updated_at: null,
  updated_by: '',
  version: 3,
  ...more,
})

describe('fact cards', () => {
  const show = async () => {
    const view = (id: string, state: FactState, origin = 'office') => ({ card: card(id), state, origin })
    vi.spyOn(manage, 'facts').mockResolvedValue({
      items: [view('a', 'valid'), view('b', 'expired'), view('c', 'withdrawn'), view('d', 'expiring', 'policy')],
    })
    const panel = mount(FactsPanel, { global })
    await flushPromises()
    return panel
  }

  it('stand with those that are over first, each with its state in words, withdrawn ones only when asked for', async () => {
    const panel = await show()
    expect(panel.findAll('li .state').map((one) => one.text())).toEqual([
      'expired',
      'expires within three days',
      'valid',
    ])
    await panel.get('[name=state]').setValue('withdrawn')
    expect(panel.findAll('li .state').map((one) => one.text())).toEqual(['withdrawn'])
  })

  it('of the files have nothing to change', async () => {
    const panel = await show()
    expect(panel.findAll('li').map((one) => one.findAll('button').length)).toEqual([2, 0, 2])
  })

  it('are withdrawn only after a question', async () => {
    const withdraw = vi.spyOn(manage, 'withdrawFact').mockResolvedValue(new Response())
    const panel = await show()
    const ask = vi.fn(() => false)
    vi.stubGlobal('confirm', ask)
    await panel.get('li .actions button:last-child').trigger('click')
    expect(withdraw).not.toHaveBeenCalled()
    ask.mockReturnValue(true)
    await panel.get('li .actions button:last-child').trigger('click')
    expect(withdraw).toHaveBeenCalledWith('b')
    vi.unstubAllGlobals()
  })

  it('are saved over the version that was seen, times in UTC', async () => {
    const save = vi.spyOn(manage, 'saveFact').mockResolvedValue(card('a'))
    const form = mount(FactForm, { props: { card: card('a') } })
    await form.get('[name=valid_until]').setValue('2026-06-10T08:00')
    await form.get('[name=terms]').setValue('停水、爆管')
    await form.get('[name=why]').setValue('longer')
    await form.get('form').trigger('submit')
    await flushPromises()
    expect(save.mock.calls[0]).toEqual([
      'a',
      expect.objectContaining({
        version: 3,
        why: 'longer',
        terms: ['停水', '爆管'],
        domain: null,
        valid_until: '2026-06-10T00:00:00.000Z',
      }),
    ])
    expect(form.emitted('saved')).toHaveLength(1)
  })

  it('that somebody else changed meanwhile are shown anew, not overwritten', async () => {
    const happened = [{ at: '2026-06-01T00:00:00Z', who: 'Bo', action: 'factcard.changed', why: 'newer', version: 4 }]
    vi.spyOn(manage, 'saveFact').mockRejectedValue(refused('stale', 409, { version: 4, happened }))
    const form = mount(FactForm, { props: { card: card('a') } })
    await form.get('form').trigger('submit')
    await flushPromises()
    expect(form.get('[role=alert]').text()).toContain('Bo: newer')
    expect(form.get('button.primary').attributes('disabled')).toBeDefined()
    await form.get('[name=theirs]').trigger('click')
    expect(form.emitted('again')).toEqual([['a']])
  })
})

describe('the import of fact cards', () => {
  it('answers each row of the file: added, unchanged, or refused with why', async () => {
    vi.spyOn(manage, 'importFacts').mockResolvedValue({
      added: 1,
      unchanged: 1,
      refused: 2,
      rows: [
        { row: 2, card: card('new'), code: '', reason: '' },
        { row: 3, card: card('old'), code: '', reason: '' },
        { row: 4, card: null, code: 'no_source', reason: 'x' },
        { row: 5, card: null, code: 'unheard_of', reason: HOSTILE },
      ],
    })
    const panel = mount(FactImport, { props: { known: new Set(['old']) } })
    const input = panel.get('[name=file]')
    Object.defineProperty(input.element, 'files', { value: [new File(['x'], 'facts.xlsx')] })
    await input.trigger('change')
    await panel.get('form').trigger('submit')
    await flushPromises()
    expect(panel.get('[role=status]').text()).toBe('1 added, 1 unchanged, 2 refused.')
    expect(panel.findAll('tbody tr').map((row) => row.findAll('td').map((cell) => cell.text()))).toEqual([
      ['2', 'added', 'fact new'],
      ['3', 'unchanged', 'fact old'],
      ['4', 'refused', 'Say where the fact was taken from.'],
      ['5', 'refused', HOSTILE],
    ])
  })

  it('sends the file as it is', async () => {
    const fetched = vi.fn(async () => new Response('{"rows": []}'))
    vi.stubGlobal('fetch', fetched)
    const file = new File(['x'], 'facts.docx', { type: 'application/x' })
    await manage.importFacts(file)
    const [address, sent] = fetched.mock.calls[0] as unknown as [string, RequestInit]
    expect([address, sent.body]).toEqual(['/api/v1/facts/import', file])
    expect(sent.headers).toMatchObject({ 'Content-Type': 'application/x', 'X-Huiying': '1' })
    vi.unstubAllGlobals()
  })
})

describe('the page of rules', () => {
  const show = async (role: string) => {
    session.value = { name: 'Anna', role } as unknown as NonNullable<typeof session.value>
    const concern = { id: 'meals', name: { en: 'Meals' }, source: 'x', words: [] }
    const policy = {
      version: '1',
      rules: [RULE],
      signals: [],
      concerns: [concern],
      lists: [],
      searches: [],
      checklists: [],
      refuted: [],
      clocks: [],
    }
    vi.spyOn(manage, 'policy').mockResolvedValue(policy as unknown as Policy)
    vi.spyOn(manage, 'history').mockResolvedValue({ items: [] })
    const panel = mount(RulesPanel, { global })
    await flushPromises()
    return panel
  }

  it('opens a rule in its form and an area of concern as its text', async () => {
    const panel = await show('leader')
    await panel.get('.rule button').trigger('click')
    await flushPromises()
    expect(panel.find('.editor [name=min_posts]').exists()).toBe(true)
    await panel.get('.other button').trigger('click')
    await flushPromises()
    expect((panel.get('.editor [name=text]').element as HTMLTextAreaElement).value).toContain('"meals"')
    expect(panel.find('.editor [name=try]').exists()).toBe(false)
  })

  it('has nothing to add for a viewer', async () => {
    const panel = await show('viewer')
    expect(panel.find('[name=add-rule]').exists()).toBe(false)
    expect(panel.get('.rule button').text()).toBe('View')
  })
})

describe('sources', () => {
  const collected = (state: string, lastOk: string | null): Source => ({
    source: {
      id: `s-${state}`,
      kind: 'feed',
      url: 'https://news.example/rss',
      name: HOSTILE,
      jurisdiction: '990100',
      created_at: '2026-11-01T00:00:00Z',
      interval_s: 600,
      longest_s: 3600,
      enabled: true,
      disabled_reason: '',
      options: {},
      assessment: {} as Source['source']['assessment'],
    },
    crawl: { pace_s: 1200, last_ok_at: lastOk, last_items: 7, detail: 'HTTP 403' } as Source['crawl'],
    said: { 'zh-Hans': '被拦截', 'zh-Hant': '被攔截', en: 'blocked' },
    cookie: false,
    waiting: 0,
  })

  it('shows each with its pace, when it last worked, and what is wrong in words', async () => {
    session.value = { name: '王', role: 'viewer', unit: null, screen: false, idle_minutes: 0 }
    vi.spyOn(manage, 'sources').mockResolvedValue({
      items: [collected('blocked', '2026-11-20T08:00:00Z'), collected('new', null)],
    })
    chooseLocale('en')
    const panel = mount(SourcesPanel)
    await flushPromises()
    const [first, second] = panel.findAll('tbody tr').map((row) => row.findAll('td, th').map((cell) => cell.text()))
    expect(first!.slice(0, 3)).toEqual([HOSTILE, 'https://news.example/rss', '20 min 0 s'])
    expect(first![3]).toContain('· 7')
    expect(first![4]).toBe('blocked · HTTP 403')
    expect(second![3]).toBe('never')
    expect(panel.find('tbody img').exists()).toBe(false)
  })
})

describe('people', () => {
  const person: Person = {
    id: 'u1',
    name: HOSTILE,
    role: 'responder',
    unit: 'housing',
    disabled: false,
    created_at: '2026-11-01T00:00:00Z',
    sessions: 2,
    version: 3,
  }

  it('invites by a link that is shown once, and says who is where', async () => {
    chooseLocale('en')
    vi.spyOn(manage, 'people').mockResolvedValue({ items: [person] })
    const invite = vi
      .spyOn(manage, 'invite')
      .mockResolvedValue({ code: 'c', link: 'https://office/#/setup?code=c', expires_at: '2026-11-29T00:00:00Z' })
    const panel = mount(PeoplePanel)
    await flushPromises()
    expect(panel.find('tbody').text()).toContain(HOSTILE)
    expect(panel.find('tbody').text()).toContain('Responder')
    await panel.find('form select').setValue('admin')
    await panel.find('form').trigger('submit')
    await flushPromises()
    expect(invite).toHaveBeenCalledWith({ role: 'admin', unit: '', why: '' })
    expect(panel.find('.secret code').text()).toBe('https://office/#/setup?code=c')
  })

  it('changes a role with the reason that was given', async () => {
    vi.spyOn(manage, 'people').mockResolvedValue({ items: [person] })
    const changed = vi.spyOn(manage, 'changePerson').mockResolvedValue(person)
    const panel = mount(PeoplePanel)
    await flushPromises()
    await panel.find('tbody button').trigger('click')
    await panel.find('form select').setValue('leader')
    await panel.find('form input').setValue('调岗')
    await panel.find('form').trigger('submit')
    await flushPromises()
    expect(changed).toHaveBeenCalledWith('u1', { role: 'leader', unit: 'housing', why: '调岗', version: 3 })
  })

  it('shows who was first, and saves over it only when told to', async () => {
    vi.spyOn(manage, 'people').mockResolvedValue({ items: [person] })
    const happened = [{ at: '2026-11-20T08:00:00Z', who: '阿波', action: 'user.changed', why: '退休', version: 4 }]
    const stale = refused('stale', 409, { version: 4, happened })
    const changed = vi.spyOn(manage, 'changePerson').mockRejectedValueOnce(stale).mockResolvedValue(person)
    const panel = mount(PeoplePanel)
    await flushPromises()
    await panel.find('tbody button').trigger('click')
    await panel.find('form select').setValue('leader')
    await panel.find('form').trigger('submit')
    await flushPromises()
    expect(panel.find('.stale').text()).toContain('退休')
    await panel.find('.stale [name=mine]').trigger('click')
    await flushPromises()
    expect(changed).toHaveBeenLastCalledWith('u1', { role: 'leader', unit: 'housing', why: '', version: 4 })
    expect(panel.find('.stale').exists()).toBe(false)
  })
})

describe('audit', () => {
  const row = (n: number): AuditRow => ({
    id: `r${n}`,
    object: 'case-1',
    at: '2026-11-20T08:00:00Z',
    who: '张主任',
    action: 'case.answered',
    why: HOSTILE,
    detail: { level: 2 },
    jurisdiction: '990100',
  })

  it('says whether the record holds, and reads older rows on demand', async () => {
    chooseLocale('en')
    vi.spyOn(manage, 'auditChains').mockResolvedValue({
      items: [{ chain: '', rows: 2, head: 'a'.repeat(64), broken_at: null, why: '' }],
      loose: 0,
    })
    const read = vi.spyOn(manage, 'audit').mockResolvedValueOnce({ items: [row(2)], cursor: '2' })
    read.mockResolvedValueOnce({ items: [row(1)], cursor: null })
    const panel = mount(AuditPanel)
    await flushPromises()
    expect(panel.text()).toContain('as it was written')
    expect(panel.findAll('tbody tr')).toHaveLength(1)
    expect(panel.find('tbody').text()).toContain('Answer recorded')
    await panel.findAll('button').at(-1)!.trigger('click')
    await flushPromises()
    expect(panel.findAll('tbody tr')).toHaveLength(2)
    expect(read).toHaveBeenLastCalledWith({ object: '', who: '', action: '', cursor: '2' })
  })

  it('does not hide that the record was changed', async () => {
    chooseLocale('en')
    vi.spyOn(manage, 'auditChains').mockResolvedValue({
      items: [{ chain: '', rows: 1, head: 'a'.repeat(64), broken_at: 2, why: 'row 2 is missing' }],
      loose: 0,
    })
    vi.spyOn(manage, 'audit').mockResolvedValue({ items: [], cursor: null })
    const panel = mount(AuditPanel)
    await flushPromises()
    expect(panel.find('[role=alert]').text()).toContain('was changed')
    expect(panel.text()).toContain('row 2 is missing')
  })
})
