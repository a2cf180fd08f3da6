import type {
  Board,
  BoardContext,
  Boundary,
  Case,
  CaseFile,
  Draft,
  DraftKinds,
  DraftView,
  Evaluation,
  Explanation,
  FoundPost,
  LoggedIn,
  Histogram,
  Meta,
  Page,
  Problem,
  Publication,
  RegroupBody,
  Regrouping,
  SaidOfGroupings,
  ScreenCode,
  ScreenView,
  SentenceWish,
  Session,
  SimilarIncident,
  Taught,
} from './types'

/** A refusal by the server (RFC 9457), or status 0 when it could not be reached. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title)
  }

  /** What went wrong, from a bounded set: the code of a refusal, else the last part of the problem's type. */
  get kind(): string {
    return this.problem.code ?? this.problem.type.split('#')[1] ?? ''
  }

  get status(): number {
    return this.problem.status
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>

const BASE = '/api/v1'

/** Where a path of the API is, for links. */
export function address(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') parameters.set(key, String(value))
  }
  const text = parameters.toString()
  return `${BASE}${path}${text ? `?${text}` : ''}`
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    return { ...((await response.json()) as Problem), status: response.status }
  } catch {
    return { type: 'about:blank', title: response.statusText || String(response.status), status: response.status }
  }
}

/** A file goes as it is, anything else as JSON. */
export async function send(method: string, path: string, query?: Query, body?: unknown): Promise<Response> {
  // X-Huiying: a header that no foreign page can set without a preflight, the server's guard against CSRF.
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') headers['X-Huiying'] = '1'
  const file = body instanceof Blob
  if (body !== undefined) headers['Content-Type'] = file ? body.type : 'application/json'
  const response = await reached(
    fetch(address(path, query), {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: file ? body : JSON.stringify(body) }),
    }),
  )
  if (!response.ok) throw new ApiError(await problemOf(response))
  return response
}

/** A line may be cut before an answer and within it: both times the server was not reached. */
async function reached<T>(coming: Promise<T>): Promise<T> {
  try {
    return await coming
  } catch {
    throw new ApiError({ type: 'about:blank', title: 'unreachable', status: 0 })
  }
}

/** What an answer says. */
export async function said<T>(response: Response): Promise<T> {
  return (await reached(response.json())) as T
}

export async function get<T>(path: string, query?: Query): Promise<T> {
  return said<T>(await send('GET', path, query))
}

export async function post<T>(path: string, body: unknown): Promise<T> {
  return said<T>(await send('POST', path, undefined, body))
}

export interface PostFilters {
  q?: string
  jurisdiction?: string | null
  platform?: string
  sentiment?: string
  domain?: string
  source?: string
  place?: string
  incident?: string
  since?: string
  until?: string
  fold?: boolean
  cursor?: string | null
  limit?: number
}

const ANSWERED = ['answered', 'evaluated', 'closed'] as const

export const api = {
  meta: () => get<Meta>('/meta'),
  session: () => get<Session>('/session'),
  login: (name: string, password: string) => post<Session>('/session', { name, password }),
  logout: () => send('DELETE', '/session'),
  lock: () => post<unknown>('/session/lock', {}),
  unlock: (password: string) => post<Session>('/session/unlock', { password }),
  sessions: () => get<{ items: LoggedIn[] }>('/sessions'),
  endSession: (id: string) => send('DELETE', `/sessions/${encodeURIComponent(id)}`),
  screens: () => get<{ items: ScreenView[] }>('/screens'),
  newScreen: (name: string) => post<ScreenCode>('/screens', { name }),
  pair: (code: string) => post<Session>('/screens/pair', { code }),
  endScreen: (id: string) => send('DELETE', `/screens/${encodeURIComponent(id)}`),
  setup: (code: string, name: string, password: string) => post<Session>('/setup', { code, name, password }),
  board: (hours: number, jurisdiction: string | null) => get<Board>('/board', { hours, jurisdiction }),
  context: (hours: number, jurisdiction: string | null) => get<BoardContext>('/board/context', { hours, jurisdiction }),
  boundaries: (area: string) => get<{ items: Boundary[] }>('/board/boundaries', { area }),
  openCases: (jurisdiction: string | null, cursor: string | null) =>
    get<Page<Case>>('/cases', { open: true, jurisdiction, cursor }),
  cases: (query: Query) => get<Page<Case>>('/cases', query),
  case: (id: string) => get<CaseFile>(`/cases/${encodeURIComponent(id)}`),
  incident: (id: string) => get<CaseFile>(`/incidents/${encodeURIComponent(id)}`),
  post: (id: string) => get<FoundPost>(`/posts/${encodeURIComponent(id)}`),
  posts: (filters: PostFilters) => get<Page<FoundPost>>('/posts', { ...filters }),
  histogram: (filters: PostFilters) => get<Histogram>('/posts/histogram', { ...filters, limit: null, cursor: null }),
  exportAddress: (filters: PostFilters) => address('/posts/export', { ...filters, limit: null, cursor: null }),
  correct: (id: string, labels: Record<string, string>) =>
    post<Taught>(`/posts/${encodeURIComponent(id)}/labels`, labels),
  withdraw: async (id: string) => said<Taught>(await send('DELETE', `/corrections/${encodeURIComponent(id)}`)),
  move: (id: string, move: string, body: Record<string, unknown>) =>
    post<{ case: Case; moves: string[] }>(`/cases/${encodeURIComponent(id)}/${move}`, body),
  draft: (id: string, kind: string) => post<Draft>(`/cases/${encodeURIComponent(id)}/drafts`, { kind }),
  draftKinds: () => get<DraftKinds>('/drafts/kinds'),
  draftView: (id: string) => get<DraftView>(`/drafts/${encodeURIComponent(id)}`),
  editDraft: async (id: string, sentences: SentenceWish[], why: string, version: number) =>
    said<DraftView>(await send('PUT', `/drafts/${encodeURIComponent(id)}`, undefined, { sentences, why, version })),
  approveDraft: (id: string, why: string, accept: boolean, version: number) =>
    post<DraftView>(`/drafts/${encodeURIComponent(id)}/approve`, { why, accept, version }),
  rejectDraft: (id: string, why: string, version: number) =>
    post<DraftView>(`/drafts/${encodeURIComponent(id)}/reject`, { why, version }),
  draftFile: (id: string, format: string) => address(`/drafts/${encodeURIComponent(id)}/file`, { format }),
  evaluation: (id: string) => get<Evaluation>(`/cases/${encodeURIComponent(id)}/evaluation`),
  similar: (id: string) => get<{ items: SimilarIncident[] }>(`/incidents/${encodeURIComponent(id)}/similar`),
  saidOfGrouping: (incident: string) => get<SaidOfGroupings>(`/incidents/${encodeURIComponent(incident)}/regroupings`),
  regroup: (incident: string, said: Pick<RegroupBody, 'kind'> & Partial<RegroupBody>) =>
    post<Regrouping>(`/incidents/${encodeURIComponent(incident)}/regroupings`, said),
  ungroup: (incident: string, id: string) =>
    send('DELETE', `/incidents/${encodeURIComponent(incident)}/regroupings/${encodeURIComponent(id)}`),
  explanation: (id: string) => get<Explanation>(`/incidents/${encodeURIComponent(id)}/explanation`),
  publications: () => get<{ items: Publication[] }>('/publications'),
  publish: (one: Partial<Publication>) => post<Publication>('/publications', one),
  withdrawPublication: (id: string) => send('DELETE', `/publications/${encodeURIComponent(id)}`),
  /** The first page of cases in each state in which they have an answer. */
  answeredCases: () =>
    Promise.all(ANSWERED.map((state) => get<Page<Case>>('/cases', { state, jurisdiction: null, limit: 100 }))),
  removeSample: () => send('DELETE', '/sample'),
  eventsAddress: (after: string) => address('/events', { after }),
}
