import { address, ApiError, get, post, said, send, type Query } from './client'
import type { components } from './schema'
import type { Time } from './types'

type Schemas = components['schemas']

export type Unit = Schemas['Unit']

export type OfficeUnit = Schemas['OfficeUnit']

export type Duty = Schemas['DutyView']

export type Source = Schemas['CollectedSource']

/** What a visit would find now. */
export type Trial = Schemas['TrialView']
export type Webhook = Schemas['WebhookView']

export type Delivery = Schemas['Delivery']

export type Channel = Schemas['ChannelView']

export type Rejected = Schemas['RejectedView']

export type Person = Schemas['PersonView']

export type AuditRow = Schemas['AuditRow']

export type AuditPage = Schemas['AuditPage']

export type Routing = Schemas['RoutingView']

/** What people may change of the policy, as the routes name it. */
export type PolicyKind = 'rule' | 'signal' | 'concern' | 'list' | 'search' | 'checklist' | 'refuted'

/** One of them, as the files have it: fields that this page has no form for are kept. */
export type PolicyItem = Record<string, unknown>

export type Policy = Schemas['Policy']

export type ItemVersion = Omit<Schemas['ItemVersion'], 'item'> & { item: PolicyItem | null }

export type DryRun = Schemas['DryRun']

export type Tried = Schemas['Tried']

export type FactCard = Schemas['FactCard']

export type FactState = 'valid' | 'not_yet' | 'expiring' | 'expired' | 'withdrawn'

export type FactView = Omit<Schemas['FactView'], 'state'> & { state: FactState }

export type FactBody = Schemas['FactBody']

export type ImportedCards = Schemas['ImportedCards']

export type RosterView = Schemas['RosterView']

export type Shift = Schemas['Shift']

export type CoverBody = Schemas['CoverBody']

export type Member = Schemas['Member']

export type Chain = Schemas['Chain']

export type ChainStep = Schemas['Step']

export type Chains = Schemas['ChainList']

/** What a refused save says about those who were first (`stale`). */
export interface Stale {
  version: number
  happened: { at: Time; who: string; action: string; why: string; version: number }[]
}

/** Who was first, when that is why a save was refused. */
export function staleOf(error: unknown): Stale | null {
  return error instanceof ApiError && error.kind === 'stale' ? (error.problem as unknown as Stale) : null
}

type Items<T> = { items: T[] }

const at = (path: string, id: string, rest = ''): string => `${path}/${encodeURIComponent(id)}${rest}`

async function json<T>(method: string, path: string, body?: unknown, query?: Query): Promise<T> {
  return said<T>(await send(method, path, query, body))
}

export const manage = {
  units: () => get<Items<OfficeUnit>>('/units'),
  saveUnit: (unit: Unit, why: string) => {
    const { id, disabled: _, ...rest } = unit
    return json<Unit>('PUT', at('/units', id), { ...rest, why })
  },
  duty: () => get<Duty>('/duty'),
  roster: (unit: string) => get<RosterView>(at('/rosters', unit)),
  saveRoster: (unit: string, body: Schemas['RosterBody']) => json<RosterView>('PUT', at('/rosters', unit), body),
  /** Of a unit; without one, of all. */
  members: (unit?: string) => get<Items<Member>>('/members', { unit }),
  addMember: (member: Schemas['MemberBody']) => post<Member>('/members', member),
  saveMember: (id: string, member: Schemas['MemberBody']) => json<Member>('PUT', at('/members', id), member),
  removeMember: (id: string) => send('DELETE', at('/members', id)),
  cover: (unit: string, body: CoverBody) => post<unknown>(at('/rosters', unit, '/covers'), body),
  uncover: (unit: string, cover: string) => send('DELETE', at(at('/rosters', unit, '/covers'), cover)),
  calendarAddress: (unit: string) => address(at('/rosters', unit, '/calendar.ics')),
  takeCalendar: (unit: string, file: Blob, until: Time) =>
    json<Schemas['Imported']>('POST', at('/rosters', unit, '/calendar'), file, { until }),
  chains: () => get<Chains>('/chains'),
  addChain: (chain: Schemas['ChainBody']) => post<Chain>('/chains', chain),
  saveChain: (id: string, chain: Schemas['ChainBody']) => json<Chain>('PUT', at('/chains', id), chain),
  removeChain: (id: string, why: string, version: number) => send('DELETE', at('/chains', id), { why, version }),
  sources: () => get<Items<Source>>('/sources'),
  addSource: (source: Record<string, unknown>) => post<Source>('/sources', source),
  removeSource: (id: string) => send('DELETE', at('/sources', id)),
  trySource: (url: string) => post<Trial>('/sources/test', { url }),
  testSource: (id: string) => post<Trial>(at('/sources', id, '/test'), {}),
  visitSource: (id: string) => post<Source>(at('/sources', id, '/visit'), {}),
  pauseSource: (id: string) => post<Source>(at('/sources', id, '/pause'), { why: '' }),
  resumeSource: (id: string) => post<Source>(at('/sources', id, '/resume'), {}),
  visits: (id: string) => get<Items<Schemas['VisitRecord']>>(at('/sources', id, '/history')),
  opmlAddress: address('/sources/opml'),
  takeOpml: (file: Blob) => json<Schemas['ImportedView']>('POST', '/sources/opml', file),
  webhooks: () => get<Items<Webhook>>('/webhooks'),
  addWebhook: (webhook: Record<string, unknown>) => post<Webhook>('/webhooks', webhook),
  removeWebhook: (id: string) => send('DELETE', at('/webhooks', id)),
  rotateWebhook: (id: string) => post<Webhook>(at('/webhooks', id, '/rotate'), {}),
  enableWebhook: (id: string) => post<Webhook>(at('/webhooks', id, '/enable'), {}),
  replay: (id: string, delivery: string) => post<Delivery>(at('/webhooks', id, '/replay'), { delivery }),
  testWebhook: (id: string) => post<Delivery>(at('/webhooks', id, '/test'), {}),
  deliveries: (id: string) => get<Items<Delivery>>(at('/webhooks', id, '/deliveries')),
  settings: () => get<Schemas['SettingList']>('/settings'),
  channels: () => get<Items<Channel>>('/channels'),
  addChannel: (channel: Record<string, unknown>) => post<Channel>('/channels', channel),
  removeChannel: (id: string) => send('DELETE', at('/channels', id)),
  people: () => get<Items<Person>>('/people'),
  invite: (body: Schemas['InviteBody']) => post<Schemas['Invitation']>('/people', body),
  changePerson: (id: string, body: Partial<Schemas['PersonBody']>) => json<Person>('PUT', at('/people', id), body),
  logOut: (id: string) => send('DELETE', at('/people', id, '/sessions')),
  audit: (asked: { object: string; who: string; action: string; cursor: string | null }) =>
    get<AuditPage>('/audit', asked),
  auditChains: () => get<Schemas['ChainsView']>('/audit/chains'),
  rejected: () => get<Items<Rejected> & { cursor: string | null }>('/rejected', { limit: 100 }),
  policy: () => get<Policy>('/rules'),
  history: (kind: PolicyKind, id: string) => get<Items<ItemVersion>>(at(`/rules/${kind}`, id, '/history')),
  saveItem: (kind: PolicyKind, id: string, body: { item: PolicyItem; why: string; version: number }) =>
    json<ItemVersion>('PUT', at(`/rules/${kind}`, id), body),
  removeItem: (kind: PolicyKind, id: string, why: string, version: number) =>
    send('DELETE', at(`/rules/${kind}`, id), { why, version }),
  tryItem: (kind: PolicyKind, item: PolicyItem, days: number) => post<DryRun>(`/rules/${kind}/dry-run`, { item, days }),
  facts: () => get<Items<FactView>>('/facts'),
  addFact: (fact: Partial<FactBody>) => post<FactCard>('/facts', fact),
  saveFact: (id: string, fact: Partial<FactBody>) => json<FactCard>('PUT', at('/facts', id), fact),
  withdrawFact: (id: string) => send('DELETE', at('/facts', id)),
  importFacts: (file: Blob) => json<ImportedCards>('POST', '/facts/import', file),
  routing: (id: string) => get<Routing>(at('/cases', id, '/routing')),
}
