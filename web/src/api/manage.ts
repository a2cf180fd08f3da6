import { get, post, send } from './client'
import type { Reason, Time } from './types'

export interface Unit {
  id: string
  name: string
  tier: 'district' | 'street' | 'community'
  jurisdiction: string
  places: string[]
  domains: string[]
  lead: boolean
  parent: string | null
  head: string | null
  disabled: boolean
  version: number
}

export interface OfficeUnit {
  unit: Unit
  members: number
  origin: 'policy' | 'office'
}

export interface Duty {
  at: Time
  items: {
    unit: string
    name: string
    members: string[]
    until: Time | null
    next_gap: { since: Time; until: Time } | null
  }[]
  names: Record<string, string>
  without_roster: string[]
}

export interface Source {
  id: string
  url: string
  name: string
  interval_s: number
  last_ok_at: Time | null
  last_error: string
  last_items: number
}

export interface Webhook {
  id: string
  url: string
  events: string[]
  enabled: boolean
  created_at: Time
  description: string
  disabled_reason?: string
  secret?: string
}

export interface Delivery {
  id: string
  event: string
  state: string
  attempts: number
  created_at: Time
  next_at: Time
  last_status: string
  delivered_at: Time | null
}

export interface Channel {
  id: string
  name: string
  kind: string
  levels: number[]
  enabled: boolean
}

export interface Rejected {
  position: number
  at: Time
  origin: string
  code: string
  reason: string
  excerpt: string
}

export interface PolicyRule {
  id: string
  name: Record<string, string>
  level: number
  source: string
  [condition: string]: unknown
}

export interface FactCard {
  id: string
  part: string
  text: string
  unit: string
  source: string
  valid_until?: Time | null
}

export interface Policy {
  version: string
  rules: PolicyRule[]
  clocks: { kind: string; name: Record<string, string>; limit: string; source: string; levels: number[] }[]
  facts: FactCard[]
}

export interface Routing {
  unit: string | null
  candidates: { unit: string; name: string; role: 'lead' | 'support' | 'possible'; score: number; reasons: Reason[] }[]
}

type Items<T> = { items: T[] }

const at = (path: string, id: string, rest = ''): string => `${path}/${encodeURIComponent(id)}${rest}`

async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
  return (await (await send(method, path, undefined, body)).json()) as T
}

export const manage = {
  units: () => get<Items<OfficeUnit>>('/units'),
  saveUnit: (unit: Unit, why: string) => {
    const { id, disabled: _, ...rest } = unit
    return json<Unit>('PUT', at('/units', id), { ...rest, why })
  },
  duty: () => get<Duty>('/duty'),
  sources: () => get<Items<Source>>('/sources'),
  addSource: (source: Record<string, unknown>) => post<Source>('/sources', source),
  removeSource: (id: string) => send('DELETE', at('/sources', id)),
  webhooks: () => get<Items<Webhook>>('/webhooks'),
  addWebhook: (webhook: Record<string, unknown>) => post<Webhook>('/webhooks', webhook),
  removeWebhook: (id: string) => send('DELETE', at('/webhooks', id)),
  rotateWebhook: (id: string) => post<Webhook>(at('/webhooks', id, '/rotate'), {}),
  enableWebhook: (id: string) => post<Webhook>(at('/webhooks', id, '/enable'), {}),
  replay: (id: string, delivery: string) => post<Delivery>(at('/webhooks', id, '/replay'), { delivery }),
  testWebhook: (id: string) => post<Delivery>(at('/webhooks', id, '/test'), {}),
  deliveries: (id: string) => get<Items<Delivery>>(at('/webhooks', id, '/deliveries')),
  channels: () => get<Items<Channel>>('/channels'),
  addChannel: (channel: Record<string, unknown>) => post<Channel>('/channels', channel),
  removeChannel: (id: string) => send('DELETE', at('/channels', id)),
  rejected: () => get<Items<Rejected> & { cursor: string | null }>('/rejected', { limit: 100 }),
  policy: () => get<Policy>('/rules'),
  routing: (id: string) => get<Routing>(at('/cases', id, '/routing')),
}
