import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { manage, type Chain, type RosterView } from '@/api/manage'
import { chooseLocale } from '@/i18n'
import RosterPanel from '@/manage/RosterPanel.vue'
import { dayPlan, escalationsOf } from '@/model/roster'
import { session } from '@/state/session'

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

async function show(role = 'responder') {
  session.value = { name: 'Anna', role } as unknown as NonNullable<typeof session.value>
  vi.spyOn(manage, 'roster').mockResolvedValue(VIEW)
  vi.spyOn(manage, 'chains').mockResolvedValue({ items: [], default: chain('default') })
  const members = vi.spyOn(manage, 'members').mockResolvedValue({ items: [member('m1', 'Li'), member('m2', 'Wu')] })
  const panel = mount(RosterPanel, { props: { units: [{ id: 'housing', name: 'Housing' }], names: { m1: 'Li' } } })
  await flushPromises()
  return { panel, members }
}

beforeEach(() => chooseLocale('en'))
afterEach(() => vi.restoreAllMocks())

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
    const rows = panel.findAll('tbody tr').map((row) =>
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
    await panel.get('[name=member]').setValue('m2')
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
