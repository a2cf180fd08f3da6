import type { Role } from '@/api/types'

export type Field = 'why' | 'unit' | 'owner' | 'level' | 'text' | 'note' | 'case' | 'clock' | 'by' | 'step'

export interface MoveForm {
  fields: readonly Field[]
  required: readonly Field[]
}

/** What each move of a case asks for (the bodies of POST /api/v1/cases/{id}/MOVE). */
const FORMS: Record<string, MoveForm> = {
  ack: { fields: ['why'], required: [] },
  dismiss: { fields: ['why'], required: ['why'] },
  assign: { fields: ['unit', 'owner', 'why'], required: ['unit'] },
  transfer: { fields: ['unit', 'owner', 'why'], required: ['unit', 'why'] },
  return: { fields: ['why'], required: ['why'] },
  task: { fields: ['unit', 'text'], required: ['unit', 'text'] },
  recover: { fields: ['why'], required: ['why'] },
  level: { fields: ['level', 'why'], required: ['level', 'why'] },
  release: { fields: ['why'], required: [] },
  pause: { fields: ['why'], required: ['why'] },
  resume: { fields: ['why'], required: ['why'] },
  answer: { fields: ['text', 'why'], required: ['text'] },
  evaluate: { fields: ['note'], required: [] },
  close: { fields: ['why'], required: ['why'] },
  reopen: { fields: ['why'], required: ['why'] },
  merge: { fields: ['case', 'why'], required: ['case', 'why'] },
  split: { fields: ['case', 'why'], required: ['case', 'why'] },
  extend: { fields: ['clock', 'by', 'why'], required: ['clock', 'by', 'why'] },
  unextend: { fields: ['clock', 'why'], required: ['clock', 'why'] },
}

/** Where a move's name is not its path below the case. */
const PATHS: Record<string, string> = { task: 'tasks', release: 'level/release' }

/** Null for a move that has no form of its own (ticks: the checklist; the end of a task and satisfaction: by HTTP). */
export function moveForm(move: string): MoveForm | null {
  return FORMS[move] ?? null
}

export function movePath(move: string): string {
  return PATHS[move] ?? move
}

/** The request's body: filled fields only, the level as a number, and the version that was on the screen. */
export function moveBody(values: Partial<Record<Field, string>>, version: number): Record<string, unknown> {
  const body: Record<string, unknown> = { version }
  for (const [name, value] of Object.entries(values)) {
    const text = value?.trim()
    if (text) body[name] = name === 'level' ? Number(text) : text
  }
  return body
}

export type LimitUnit = 'h' | 'd' | 'wd'

export interface Limit {
  text: string
  n: number
  unit: LimitUnit
}

const STEPS: Record<LimitUnit, readonly number[]> = {
  h: [1, 2, 4, 8, 12, 24, 48, 72],
  d: [1, 2, 3, 5, 7, 10, 15, 30],
  wd: [1, 2, 3, 5, 7, 10, 15, 20],
}

/** A limit as the API writes it: `24h`, `2d`, `20wd`. */
export function readLimit(text: string): Limit | null {
  const read = /^(\d+)(h|d|wd)$/.exec(text)
  return read ? { text, n: Number(read[1]), unit: read[2] as LimitUnit } : null
}

/** How much longer a clock of this limit may be made: in its own unit, by itself again at most. */
export function extensionsOf(limit: string): Limit[] {
  const read = readLimit(limit)
  if (!read) return []
  const { n: most, unit } = read
  const steps = new Set([...STEPS[unit].filter((n) => n < most), most])
  return [...steps].map((n) => ({ text: `${n}${unit}`, n, unit }))
}

const RANK: Record<Role, number> = { viewer: 0, responder: 1, leader: 2, admin: 3 }

export function mayAct(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && RANK[role] >= RANK[needed]
}
