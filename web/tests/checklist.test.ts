import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/client'
import type { Case, CaseStep } from '@/api/types'
import ChecklistPanel from '@/components/ChecklistPanel.vue'
import { chooseLocale } from '@/i18n'
import { session } from '@/state/session'

const ONE = { id: 'c1', version: 4, ticks: [] } as unknown as Case

function step(id: string, more: Partial<CaseStep> = {}): CaseStep {
  const text = { 'zh-Hans': `步骤 ${id}`, en: `Step ${id}` }
  return { id, text, source: '', done_by: null, done: false, at: null, who: '', note: '', ...more }
}

const DONE = { done: true, at: '2026-06-01T04:00:00Z', who: 'Li' }
const STEPS = [
  step('taken', { done_by: 'acknowledged', ...DONE }),
  step('verified', { ...DONE, note: 'a burst main' }),
  step('visited', { source: '61号' }),
  step('closed', { done_by: 'closed' }),
]

function panel(moves = ['tick', 'untick']) {
  const checklist = { id: 'ordinary', name: { en: 'Ordinary cases' }, source: 's', done: 2, steps: STEPS }
  return mount(ChecklistPanel, { props: { one: ONE, checklist, moves }, attachTo: document.body })
}

const moved = () => vi.spyOn(api, 'move').mockResolvedValue({ case: { ...ONE, version: 5 }, moves: [] })

beforeEach(() => {
  chooseLocale('en')
  session.value = { name: 'Bo', role: 'responder' } as unknown as NonNullable<typeof session.value>
})
afterEach(() => {
  vi.restoreAllMocks()
  session.value = null
  document.body.replaceChildren()
})

describe('the checklist of a case', () => {
  it('says how far it is, and of each step in words whether it is done, by whom and why it is asked for', () => {
    const page = panel()
    expect(page.find('.progress').text()).toBe('2 of 4 done')
    const said = page.findAll('li').map((one) => one.text())
    expect(said[0]).toContain('Done, by the record')
    expect(said[1]).toMatch(/Step verified.*Done.*Li.*a burst main/s)
    expect(said[2]).toMatch(/To do.*61号/s)
    expect(said[3]).toContain('Not yet, by the record')
  })

  it('has boxes for what people do only, and a viewer changes none', () => {
    expect(panel().findAll('[type=checkbox]')).toHaveLength(2)
    session.value = { name: 'Vi', role: 'viewer' } as unknown as NonNullable<typeof session.value>
    const boxes = panel().findAll<HTMLInputElement>('[type=checkbox]')
    expect(boxes.every((box) => box.element.disabled)).toBe(true)
  })

  it('ticks what is to be done and unticks what is done, each over the version that is seen', async () => {
    const move = moved()
    const page = panel()
    await page.find('#step-visited').trigger('click')
    await flushPromises()
    await page.find('#step-verified').trigger('click')
    await flushPromises()
    expect(move.mock.calls).toEqual([
      ['c1', 'tick', { version: 4, step: 'visited' }],
      ['c1', 'untick', { version: 4, step: 'verified' }],
    ])
    expect(page.emitted('changed')).toHaveLength(2)
  })

  it('sends a note with the step that it was written for', async () => {
    const move = moved()
    const page = panel()
    await page.find('button.note').trigger('click')
    await page.find('[name=note]').setValue('called back')
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(move).toHaveBeenCalledWith('c1', 'tick', { version: 4, step: 'visited', note: 'called back' })
    expect(document.activeElement?.id).toBe('step-visited')
  })

  it('leads to the first step that a person has to do', () => {
    const page = panel()
    ;(page.vm as unknown as { focus(): void }).focus()
    expect(document.activeElement?.id).toBe('step-visited')
  })
})
