import { computed, ref, shallowRef } from 'vue'
import { api, ApiError } from '@/api/client'
import { Live, type LiveState } from '@/api/live'
import type { Board, BoardContext, Boundary, Case, CaseEvent, FoundPost, Incident } from '@/api/types'
import { byLevelAndHeat, isOpen, upsert } from '@/model/situation'
import { Batch } from './batch'
import { locked } from './lock'
import { now, setServerTime } from './now'
import { loadMeta, meta, session } from './session'

const HOURS = 24
const INCIDENTS = 20
const POSTS = 20
const CASE_PAGES = 5
/** Aggregates are read again at most this often while events arrive, and at least every `IDLE_MS`. */
const BUSY_MS = 3_000
const IDLE_MS = 60_000
const RETRY_MS = 5_000
const STALE_MS = 30_000
const CONTEXT_MS = 60_000
/** Events are shown together this often: the eye sees no more, and the screen stays free to move. */
const SHOWN_MS = 250

export const board = shallowRef<Board | null>(null)
export const openCases = shallowRef<Case[]>([])
/** What the figures are held against; read apart, because it costs more and changes slowly. */
export const context = shallowRef<BoardContext | null>(null)
/** Of the parts of the context's area; none where the deployment supplies none. */
export const boundaries = shallowRef<Boundary[]>([])
let drawnArea: string | null = null
const liveState = ref<LiveState>('connecting')
export const failure = shallowRef<unknown>(null)
export const jurisdiction = ref<string | null>(null)

export const rows = computed(() => byLevelAndHeat(board.value?.incidents ?? []))

/** How the board hangs on the server: events that flow are not enough when the figures cannot be read. */
export const connection = computed<LiveState>(() => (failure.value ? 'lost' : liveState.value))

/** The figures are older than a reader may take for the present. */
export const stale = computed(
  () => board.value !== null && connection.value === 'lost' && now.value - Date.parse(board.value.at) > STALE_MS,
)

/** Told of every event about a draft, by the id of its case: a draft is no change of the case itself. */
export const draftListeners = new Set<(caseId: string) => void>()

let live: Live | null = null
let timer: ReturnType<typeof setTimeout> | undefined
let due = 0
let contextTimer: ReturnType<typeof setTimeout> | undefined
const batch = new Batch(SHOWN_MS)

export async function refresh(): Promise<void> {
  try {
    const [fresh, cases] = await Promise.all([api.board(HOURS, jurisdiction.value), allOpenCases()])
    setServerTime(fresh.at)
    board.value = fresh
    openCases.value = cases
    failure.value = null
    connect(fresh.position)
    schedule(IDLE_MS)
    if (contextTimer === undefined) void readContext()
    if (meta.value === null) await loadMeta()
  } catch (error) {
    failure.value = error
    if (error instanceof ApiError && error.kind === 'locked') locked.value = true
    else if (error instanceof ApiError && error.status === 401) session.value = null
    else schedule(RETRY_MS)
  }
}

async function readContext(): Promise<void> {
  clearTimeout(contextTimer)
  contextTimer = setTimeout(() => void readContext(), CONTEXT_MS)
  const asked = jurisdiction.value
  try {
    const fresh = await api.context(HOURS, asked)
    if (asked !== jurisdiction.value || session.value === null) return
    await readBoundaries(fresh.area)
    context.value = fresh
  } catch {
    // The figures themselves say when the server is lost; what they are held against may be a minute older.
  }
}

/** They do not change while the server runs: read once for each area. */
async function readBoundaries(area: string): Promise<void> {
  if (area === drawnArea) return
  boundaries.value = (await api.boundaries(area)).items
  drawnArea = area
}

async function allOpenCases(): Promise<Case[]> {
  const cases: Case[] = []
  let cursor: string | null = null
  for (let page = 0; page < CASE_PAGES; page++) {
    const { items, cursor: next } = await api.openCases(jurisdiction.value, cursor)
    cases.push(...items)
    if (!next) break
    cursor = next
  }
  return cases
}

/** Read again in `ms` unless that is planned sooner already. */
function schedule(ms: number): void {
  const at = Date.now() + ms
  if (timer !== undefined && due > Date.now() && due <= at) return
  clearTimeout(timer)
  due = at
  timer = setTimeout(() => void refresh(), ms)
}

const ours = (code: string): boolean => jurisdiction.value === null || code === jurisdiction.value

function onIncident(incident: Incident): void {
  if (board.value === null || !ours(incident.jurisdiction)) return
  const old = board.value.incidents.find((row) => row.incident.id === incident.id)
  if (old && old.incident.version > incident.version) return
  const listed = incident.merged_into === null && !incident.dismissed
  const kept = board.value.incidents.filter((row) => listed || row.incident.id !== incident.id)
  const fresh = {
    incident,
    case: old?.case ?? openCases.value.find((one) => one.incident === incident.id) ?? null,
  }
  const incidents = listed
    ? upsert(kept, fresh, (row) => row.incident.id, INCIDENTS + 1)
        .sort((a, b) => b.incident.heat - a.incident.heat)
        .slice(0, INCIDENTS)
    : kept
  board.value = { ...board.value, incidents }
  schedule(BUSY_MS)
}

function onCase(event: CaseEvent): void {
  const fresh = event.case
  if (board.value === null || !ours(fresh.jurisdiction)) return
  const incidents = board.value.incidents.map((row) =>
    row.incident.id === fresh.incident && (row.case?.version ?? 0) <= fresh.version ? { ...row, case: fresh } : row,
  )
  board.value = { ...board.value, incidents }
  openCases.value = upsert(openCases.value, fresh, (one) => one.id, Infinity).filter(isOpen)
  if (event.type.startsWith('draft.')) draftListeners.forEach((tell) => tell(fresh.id))
  schedule(BUSY_MS)
}

/** A near-duplicate: it raises the count of its first post and is no item of its own. */
const isCopy = (post: FoundPost['post']): boolean => post.group !== '' && post.group !== post.id

function onPosts(news: { count: number; newest: FoundPost[] }): void {
  if (board.value === null) return
  const fresh = news.newest.filter(({ post }) => ours(post.jurisdiction) && !isCopy(post))
  const known = new Set(fresh.map((found) => found.post.id))
  const posts = [...fresh, ...board.value.posts.filter((found) => !known.has(found.post.id))]
    .sort((a, b) => Date.parse(b.post.at) - Date.parse(a.post.at))
    .slice(0, POSTS)
  board.value = { ...board.value, posts }
  schedule(BUSY_MS)
}

/** Follow the events after `position`, unless that is being done or the reader has logged out meanwhile. */
function connect(position: string): void {
  if (live !== null || session.value === null) return
  live = new Live(position, api.eventsAddress, {
    incident: (one) => batch.add(() => onIncident(one)),
    case: (one) => batch.add(() => onCase(one)),
    posts: (news) => batch.add(() => onPosts(news)),
    state: (state) => {
      if (state === 'live' && liveState.value === 'lost') schedule(0)
      liveState.value = state
    },
  })
}

/** Forget everything: the next reader of this screen may be another person. */
export function stop(): void {
  live?.close()
  live = null
  clearTimeout(timer)
  timer = undefined
  clearTimeout(contextTimer)
  contextTimer = undefined
  batch.clear()
  board.value = null
  context.value = null
  boundaries.value = []
  drawnArea = null
  openCases.value = []
  failure.value = null
}

export function chooseJurisdiction(choice: string | null): void {
  jurisdiction.value = choice
  context.value = null
  void readContext()
  void refresh()
}
