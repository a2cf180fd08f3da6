import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/client'
import { manage, type Chain, type RosterView } from '@/api/manage'
import { chooseLocale } from '@/i18n'
import ChainsPanel from '@/manage/ChainsPanel.vue'
import RosterPanel from '@/manage/RosterPanel.vue'
import { below, dayPlan, daysName, escalationsOf, newShift } from '@/model/roster'
import { meta, session } from '@/state/session'

const VIEW: RosterView = {
  roster: {
    id: 'housing',
    jurisdiction: '990100',
    shifts: [
      { id: 'day', begin: '08:30', end: '17:00', members: ['m1'], name: '', days: [], rotate: 'daily', since: null },
    ],
    covers: [],
    version: 4,
  },
  plan: [
    { since: '2026-06-02T00:30:00Z', until: '2026-06-02T09:00:00Z', members: ['m1'], shift: 'day', assumed: true },
    {
      since: '2026-06-01T00:30:00Z',
      until: '2026-06-01T09:00:00Z',
      members: ['m1', 'm2'],
      shift: 'day',
      assumed: false,
    },
  ],
  gaps: [{ since: '2026-06-01T09:00:00Z', until: '2026-06-02T00:30:00Z' }],
}

const chain = (id: string, more: Partial<Chain> = {}): Chain => ({
  id,
  name: id,
  steps: [{ wait_minutes: 15, to: 'head', member: null }],
  jurisdiction: '',
  units: [],
  domains: [],
  levels: [1, 2],
  repeats: 0,
  disabled: false,
  version: 1,
  ...more,
})

const member = (id: string, name: string) => ({
  id,
  name,
  unit: 'housing',
  jurisdiction: '990100',
  user: null,
  handles: {},
  disabled: false,
  version: 1,
})

async function show(role = 'responder', unit: string | null = null) {
  session.value = { name: 'Anna', role, unit } as unknown as NonNullable<typeof session.value>
  vi.spyOn(manage, 'roster').mockResolvedValue(VIEW)
  const members = vi.spyOn(manage, 'members').mockResolvedValue({ items: [member('m1', 'Li'), member('m2', 'Wu')] })
  const panel = mount(RosterPanel, {
    props: {
      units: [{ id: 'housing', name: 'Housing', parent: null }],
      names: { m1: 'Li' },
      chains: { items: [], default: chain('default') },
    },
  })
  await flushPromises()
  return { panel, members }
}

/** What a save is answered when Bo was first. */
const late = (version: number) =>
  new ApiError({
    type: '/docs/api#stale',
    title: 'stale',
    status: 409,
    version,
    happened: [{ at: '2026-06-01T00:00:00Z', who: 'Bo', action: 'roster.changed', why: 'new colleague', version }],
  } as never)

beforeEach(() => chooseLocale('en'))
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('a roster', () => {
  it('has its gaps between the turns, in order', () => {
    expect(dayPlan(VIEW).map((one) => [one.since.slice(8, 13), one.gap])).toEqual([
      ['01T00', false],
      ['01T09', true],
      ['02T00', false],
    ])
  })

  it('is shown with names, gaps in words and what is only assumed', async () => {
    const { panel } = await show()
    const rows = panel
      .findAll('table')[0]!
      .findAll('tbody tr')
      .map((row) =>
        row
          .findAll('td')
          .map((cell) => cell.text())
          .slice(1),
      )
    expect(rows).toEqual([
      ['Li, Wu', ''],
      ['nobody', ''],
      ['Li', 'holidays not published yet: Monday to Friday assumed'],
    ])
    expect(panel.get('[role=status]').text()).toContain('Nobody is on duty in 1 span')
    expect(panel.get('a').attributes('href')).toBe('/api/v1/rosters/housing/calendar.ics')
    expect(panel.get('ol').text()).toBe('after 15 minutes: the head of the unit')
  })

  it('takes a stand-in over the version that was seen, times on the office’s clock', async () => {
    const cover = vi.spyOn(manage, 'cover').mockResolvedValue({})
    const { panel } = await show()
    await panel.get('[name=since]').setValue('2026-06-03T08:30')
    await panel.get('[name=until]').setValue('2026-06-03T17:00')
    await panel.get('[name=member][value=m2]').setValue(true)
    await panel.get('[name=instead_of]').setValue('m1')
    await panel.get('[name=why]').setValue('ill')
    await panel.get('form').trigger('submit')
    await flushPromises()
    expect(cover).toHaveBeenCalledWith('housing', {
      kind: 'swap',
      since: '2026-06-03T00:30:00.000Z',
      until: '2026-06-03T09:00:00.000Z',
      members: ['m2'],
      instead_of: 'm1',
      why: 'ill',
      version: 4,
    })
  })

  it('never asks for the members, who are contact data, for a viewer', async () => {
    const { panel, members } = await show('viewer')
    expect(members).not.toHaveBeenCalled()
    expect(panel.find('form').exists()).toBe(false)
    expect(panel.get('tbody').text()).toContain('Li')
  })
})

describe('the shifts of a roster', () => {
  const open = async () => {
    const { panel } = await show('leader')
    await panel.get('[name=edit-shifts]').trigger('click')
    return panel
  }

  it('are changed and added, over the version that was seen, and read again with their gaps', async () => {
    const save = vi.spyOn(manage, 'saveRoster').mockResolvedValue(VIEW)
    const panel = await open()
    await panel.get('[name=add-shift]').trigger('click')
    const [first, second] = panel.findAll('fieldset.shift')
    await first!.get('[name=end]').setValue('18:00')
    await second!.get('[name=begin]').setValue('18:00')
    await second!.get('[name=end]').setValue('08:30')
    expect(second!.text()).toContain('It ends on the next day')
    await second!.get('[name=days][value=dayoff]').setValue(true)
    for (const id of ['m2', 'm1']) await second!.get(`[name=members][value=${id}]`).setValue(true)
    await second!.get('[name=rotate]').setValue('weekly')
    await second!.get('[name=shift-since]').setValue('2026-06-01')
    expect(second!.text()).toContain('In this order: Wu, Li')
    await panel.get('[name=roster-why]').setValue('summer')
    await panel.get('form').trigger('submit')
    await flushPromises()
    const [unit, body] = save.mock.calls[0]!
    expect([unit, body.why, body.version, body.covers]).toEqual(['housing', 'summer', 4, null])
    expect(body.shifts).toMatchObject([
      { id: 'day', end: '18:00', since: null },
      {
        id: 's1',
        begin: '18:00',
        end: '08:30',
        days: ['workday', 'dayoff'],
        members: ['m2', 'm1'],
        rotate: 'weekly',
        since: '2026-06-01',
      },
    ])
    expect(panel.find('form fieldset.shift').exists()).toBe(false)
    expect(panel.emitted('changed')).toHaveLength(1)
    expect(panel.get('[role=status]').text()).toContain('Nobody is on duty')
  })

  it('are not saved over what somebody else saved meanwhile: who it was is told, theirs or mine is chosen', async () => {
    const save = vi.spyOn(manage, 'saveRoster').mockRejectedValueOnce(late(5)).mockRejectedValueOnce(late(6))
    const panel = await open()
    await panel.get('[name=remove-shift]').trigger('click')
    await panel.get('[name=roster-why]').setValue('mine')
    await panel.get('form').trigger('submit')
    await flushPromises()
    expect(panel.get('.stale').text()).toContain('Bo: new colleague')
    await panel.get('[name=mine]').trigger('click')
    await flushPromises()
    expect(save.mock.calls.map(([, body]) => [body.version, body.shifts.length])).toEqual([
      [4, 0],
      [5, 0],
    ])
    await panel.get('[name=theirs]').trigger('click')
    await flushPromises()
    expect(panel.find('.stale').exists()).toBe(false)
    expect(panel.findAll('fieldset.shift')).toHaveLength(1)
  })

  it('are for leaders to change, and for people of a unit only its own', async () => {
    expect((await show('responder')).panel.find('[name=edit-shifts]').exists()).toBe(false)
    expect((await show('leader', 'housing')).panel.find('[name=edit-shifts]').exists()).toBe(true)
    const elsewhere = (await show('leader', 'water')).panel
    expect(elsewhere.find('[name=edit-shifts], [name=kind], [name=calendar]').exists()).toBe(false)
    const units = [
      { id: 'a', parent: null },
      { id: 'c', parent: 'b' },
      { id: 'b', parent: 'a' },
    ]
    expect([...below(units, 'a')]).toEqual(['a', 'b', 'c'])
    expect([...below(units, 'c')]).toEqual(['c'])
  })

  it('say their days in words, and a new one has an id of its own', () => {
    expect([daysName([]), daysName(['sun', 'workday'])]).toEqual([
      'every day',
      'working days (swapped ones too), Sunday',
    ])
    expect(newShift([{ ...VIEW.roster.shifts[0]!, id: 's1' }]).id).toBe('s2')
  })

  it('are joined by the events of a calendar, a year ahead', async () => {
    const take = vi.spyOn(manage, 'takeCalendar').mockResolvedValue({ added: 3, replaced: 2, roster: VIEW.roster })
    const { panel } = await show('leader')
    const field = panel.get('[name=calendar]')
    const file = new File(['BEGIN:VCALENDAR'], 'duty.ics')
    file.arrayBuffer = () => Promise.resolve(new ArrayBuffer(1))
    Object.defineProperty(field.element, 'files', { value: [file] })
    Object.defineProperty(field.element, 'value', { value: '', writable: true })
    await field.trigger('change')
    await flushPromises()
    const [unit, body] = take.mock.calls[0]!
    expect([unit, body.type]).toEqual(['housing', 'text/calendar'])
    expect(panel.text()).toContain('3 taken over, 2 replaced')
  })
})

describe('the members of a unit', () => {
  it('are added with what the platforms call them, changed over the version that was seen, and taken out', async () => {
    const add = vi.spyOn(manage, 'addMember').mockResolvedValue(member('m3', 'Xu'))
    const save = vi.spyOn(manage, 'saveMember').mockRejectedValueOnce(late(2)).mockResolvedValue(member('m1', 'Li'))
    const { panel } = await show('leader')
    const form = () => panel.get('form[aria-label=Members]')
    await form().get('[name=member-name]').setValue('Xu')
    await form().get('[name=wecom]').setValue(' xu01 ')
    await form().trigger('submit')
    await flushPromises()
    const blank = { unit: 'housing', why: '', user: null }
    expect(add).toHaveBeenCalledWith({ ...blank, name: 'Xu', handles: { wecom: 'xu01' }, version: null })

    await panel.get('[aria-label=Members] tbody button').trigger('click')
    await form().trigger('submit')
    await flushPromises()
    expect(form().get('.stale').text()).toContain('Bo')
    await form().get('[name=mine]').trigger('click')
    await flushPromises()
    expect(save.mock.calls.map(([id, body]) => [id, body.name, body.version])).toEqual([
      ['m1', 'Li', 1],
      ['m1', 'Li', 2],
    ])

    vi.stubGlobal('confirm', () => true)
    const remove = vi.spyOn(manage, 'removeMember').mockResolvedValue(new Response())
    await panel.get('[aria-label=Members] tbody button:last-child').trigger('click')
    await flushPromises()
    expect(remove).toHaveBeenCalledWith('m1')
  })

  it('are for leaders of the whole office to change', async () => {
    expect((await show('leader', 'housing')).panel.find('form[aria-label=Members]').exists()).toBe(false)
    expect((await show('responder')).panel.find('form[aria-label=Members]').exists()).toBe(false)
  })
})

describe('escalation chains', () => {
  const UNIT = { id: 'housing', name: 'Housing', parent: null } as never
  const LEVELS = [1, 2, 3, 4].map((level) => ({ level, name: { en: `Level ${level}` } }))

  async function panelOf(items: Chain[], role = 'leader', unit: string | null = null) {
    session.value = { name: 'Anna', role, unit } as unknown as NonNullable<typeof session.value>
    meta.value = { levels: LEVELS, units: [] } as never
    vi.spyOn(manage, 'members').mockResolvedValue({ items: [member('m1', 'Li')] })
    const load = vi.fn(() => Promise.resolve())
    const panel = mount(ChainsPanel, { props: { chains: { items, default: chain('default') }, units: [UNIT], load } })
    await flushPromises()
    return { panel, load }
  }

  it('are made step by step, with whom and how long to wait', async () => {
    const add = vi.spyOn(manage, 'addChain').mockResolvedValue(chain('new'))
    const { panel, load } = await panelOf([])
    await panel.get('[name=add-chain]').trigger('click')
    await panel.get('[name=chain-name]').setValue('Water')
    for (const level of [3, 4]) await panel.get(`[name=levels][value="${level}"]`).setValue(false)
    await panel.get('[name=units][value=housing]').setValue(true)
    await panel.get('[name=add-step]').trigger('click')
    const second = panel.findAll('form ol li')[1]!
    await second.get('[name=wait]').setValue('5')
    await second.get('[name=to]').setValue('member')
    await second.get('[name=member]').setValue('m1')
    await panel.get('[name=repeats]').setValue('3')
    await panel.get('[name=chain-why]').setValue('storms')
    await panel.get('form').trigger('submit')
    await flushPromises()
    expect(add).toHaveBeenCalledWith({
      name: 'Water',
      jurisdiction: '',
      levels: [1, 2],
      units: ['housing'],
      domains: [],
      steps: [
        { wait_minutes: 0, to: 'duty', member: null },
        { wait_minutes: 5, to: 'member', member: 'm1' },
      ],
      repeats: 3,
      why: 'storms',
      version: null,
    })
    expect(load).toHaveBeenCalledTimes(1)
    expect(panel.find('form').exists()).toBe(false)
  })

  it('are changed over the version that was seen; who was first is told', async () => {
    const save = vi.spyOn(manage, 'saveChain').mockRejectedValueOnce(late(7)).mockResolvedValueOnce(chain('own'))
    const { panel } = await panelOf([chain('own', { version: 6 })])
    await panel.get('li button').trigger('click')
    await panel.get('[name=chain-why]').setValue('x')
    await panel.get('form').trigger('submit')
    await flushPromises()
    expect(panel.get('.stale').text()).toContain('Bo: new colleague')
    await panel.get('[name=mine]').trigger('click')
    await flushPromises()
    expect(save.mock.calls.map(([id, body]) => [id, body.version])).toEqual([
      ['own', 6],
      ['own', 7],
    ])
  })

  it('are used no more with a reason', async () => {
    vi.stubGlobal('confirm', () => true)
    const remove = vi.spyOn(manage, 'removeChain').mockResolvedValue(new Response())
    const { panel } = await panelOf([chain('own', { version: 6 })])
    await panel.get('li button').trigger('click')
    expect(panel.get('[name=disable-chain]').attributes('disabled')).toBeDefined()
    await panel.get('[name=chain-why]').setValue('merged')
    await panel.get('[name=disable-chain]').trigger('click')
    await flushPromises()
    expect(remove).toHaveBeenCalledWith('own', 'merged', 6)
  })

  it('are for leaders of the whole office to change', async () => {
    for (const [role, unit] of [
      ['responder', null],
      ['leader', 'housing'],
    ] as const) {
      const { panel } = await panelOf([chain('own')], role, unit)
      expect(panel.findAll('button')).toHaveLength(0)
      expect(panel.text()).toContain('after 15 minutes: the head of the unit')
    }
  })
})

describe('escalation of a unit', () => {
  it('is by chains that name it, then those for all, then the default; disabled ones and other units’ are left out', () => {
    const items = [
      chain('all'),
      chain('own', { units: ['housing'] }),
      chain('off', { disabled: true }),
      chain('other', { units: ['water'] }),
    ]
    expect(escalationsOf({ items, default: chain('default') }, 'housing').map((one) => one.id)).toEqual([
      'own',
      'all',
      'default',
    ])
  })
})
