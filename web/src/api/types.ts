/** What the API says: the shapes of core/records.py and core/ports.py. Times are ISO 8601 in UTC. */

export type Time = string
export type Facts = Record<string, string | number>

export interface Label {
  label: string
  probs: Record<string, number>
  /** As likely wrong as right. */
  unsure: boolean
}

export interface Place {
  code: string
  name: string
  text: string
}

export interface RiskHit {
  category: string
  word: string
  weight: number
}

export interface Risk {
  score: number
  hits: RiskHit[]
}

export interface Ngram {
  text: string
  weight: number
}

/** That a person gave a label: `correction` is which one, of a `near` text or of this very one; `model` said otherwise. */
export interface Told {
  by: string
  who: string
  at: Time
  correction: string
  near: boolean
  model: Label
  reasons: Ngram[]
}

export interface Correction {
  id: string
  post: string
  head: string
  label: string
  given: Label
  who: string
  at: Time
}

export interface Taught {
  post: FoundPost
  corrections: Correction[]
  alike: number
}

export interface Labels {
  sentiment: Label
  emotion: Label
  domain: Label
  intent: Label
  offensive: { label: string; prob: number; unsure: boolean }
  places: Place[]
  risk: Risk
  reasons: Record<string, Ngram[]>
  told: Record<string, Told>
  model: string
}

export interface Post {
  id: string
  source: string
  platform: string
  at: Time
  seen_at: Time
  jurisdiction: string
  text: string
  title: string
  url: string | null
  author: string | null
  reply_to: string | null
  root: string | null
  likes: number
  comments: number
  shares: number
  extra: Record<string, string>
  masks: Record<string, number>
  lang: string
  search: string
  group: string
  revision: number
  labels: Labels
}

/** Where a piece of a text begins and where it has ended, in Unicode code points: not what `slice` counts. */
export type Span = readonly [number, number]

export interface Highlights {
  title: Span[]
  text: Span[]
}

export interface FoundPost {
  post: Post
  incident: string | null
  copies: number
  highlights: Highlights
}

export interface Reason {
  code: string
  facts: Facts
}

export interface PlaceCount {
  code: string
  name: string
  posts: number
}

export interface Term {
  text: string
  weight: number
  posts: number
}

export interface Incident {
  id: string
  jurisdiction: string
  title: string
  first_at: Time
  last_at: Time
  raised_at: Time
  posts: number
  copies: number
  authors: number
  heat: number
  speed: number
  baseline: number
  burst: number
  sentiment: Record<string, number>
  domain: string
  domains: Record<string, number>
  sources: Record<string, number>
  places: PlaceCount[]
  terms: Term[]
  risk: Risk
  examples: string[]
  series: number[]
  reasons: Reason[]
  version: number
  merged_into: string | null
}

export type CaseState = 'emerging' | 'confirmed' | 'handling' | 'answered' | 'evaluated' | 'closed'

export interface Pause {
  since: Time
  until: Time | null
  who: string
  reason: string
}

export interface Clock {
  kind: string
  name: string
  started_at: Time
  start_event: string
  limit: string
  counts: string
  source: string
  due_at: Time | null
  pauses: Pause[]
  stopped_at: Time | null
  warned: number[]
  breached: boolean
  note: string
}

export interface Case {
  id: string
  incident: string
  jurisdiction: string
  title: string
  state: CaseState
  level: number
  rule: string
  opened_at: Time
  updated_at: Time
  version: number
  unit: string | null
  support: string[]
  owner: string | null
  domain: string
  place: string | null
  reasons: Reason[]
  clocks: Clock[]
  answer: string | null
  answered_at: Time | null
  evaluation: Facts
  heat: number
  peak_level: number
  level_set_by: string | null
}

export interface CaseEvent {
  id: string
  type: string
  at: Time
  case: Case
  who: string
  why: string
}

export interface AuditRow {
  id: string
  object: string
  at: Time
  who: string
  action: string
  why: string
  detail: Facts
}

export interface Citation {
  kind: string
  id: string
}

export interface Sentence {
  part: string
  text: string
  cites: Citation[]
}

export interface Draft {
  id: string
  case: string
  at: Time
  status: string
  kind: string
  sentences: Sentence[]
  questions: { text: string; unit: string | null }[]
  refusal: string
  method: string
  ai_label: string
}

export interface Bucket {
  at: Time
  posts: number
  negative: number
  neutral: number
  positive: number
}

export interface Count {
  value: string
  posts: number
  negative: number
}

export interface BoardFigures {
  posts: number
  negative: number
  newest_at: Time | null
  hours: Bucket[]
  domains: Count[]
  places: Count[]
  sources: Count[]
}

export interface IncidentWithCase {
  incident: Incident
  case: Case | null
}

export interface Board {
  at: Time
  jurisdiction: string | null
  hours: number
  sample: boolean
  figures: BoardFigures
  previous: Totals
  incidents: IncidentWithCase[]
  posts: FoundPost[]
  lag: number
  position: string
}

/** What an hour usually has; null where too little was collected before it. */
export interface UsualHour {
  at: Time
  posts: number | null
  low: number | null
  high: number | null
  days: number
  week_ago: number | null
}

export interface Totals {
  posts: number
  negative: number
}

export interface KeyTerm {
  text: string
  posts: number
  before: number
  keyness: number
  ratio: number
}

export interface TermSample {
  terms: KeyTerm[]
  posts: number
  before: number
}

export interface Duty {
  cases: number
  open: number
  answered: number
  kept: number
  late: number
  overdue: number
  at_risk: number
  running: number
  answer_hours: number | null
}

export interface UnitDuty {
  unit: string | null
  duty: Duty
}

export interface Division {
  code: string
  name: string
  posts: number
  negative: number
  week: number
}

export interface SourceHeard {
  source: string
  name: string
  posts: number
  negative: number
  usual: number | null
  state: 'heard' | 'quiet' | 'silent' | 'failing' | 'waiting'
  last_ok_at: Time | null
  error: string
}

export interface BoardContext {
  at: Time
  jurisdiction: string | null
  hours: number
  usual: UsualHour[]
  week_ago: Totals | null
  since_yesterday: {
    opened: number
    closed: number
    level: number | null
    open: number
  }
  words: TermSample
  duty_days: number
  duty: Duty
  units: UnitDuty[]
  area: string
  divisions: Division[]
  sources: SourceHeard[]
}

export interface CaseFile {
  case: Case | null
  incident: Incident
  posts: FoundPost[]
  drafts: Draft[]
  audit: AuditRow[]
  moves: string[]
}

export interface Page<T> {
  items: T[]
  cursor: string | null
}

export interface LevelInfo {
  level: number
  color: string
  name: Record<string, string>
}

export interface Unit {
  id: string
  name: string
  jurisdiction: string
}

export interface Meta {
  version: string
  time_zone: string
  setup_needed: boolean
  levels: LevelInfo[]
  units: Unit[]
  jurisdictions: { code: string; name: string; sample: boolean }[]
  /** Names of the division codes of this deployment's jurisdictions. */
  places?: Record<string, string>
}

export type Role = 'viewer' | 'responder' | 'leader' | 'admin'

/** `screen`: a paired wall screen. `idle_minutes`: after so many without a hand on it a console locks itself; 0: never. */
export interface Session {
  name: string
  role: Role
  screen: boolean
  idle_minutes: number
}

export interface LoggedIn {
  id: string
  name: string
  role: Role
  created_at: Time
  expires_at: Time | null
  locked: boolean
  mine: boolean
}

/** What the office has published: an answer, a common question, or the leave to show how clocks are kept. */
export interface Publication {
  id: string
  kind: 'answer' | 'question' | 'figures'
  published_at: Time
  by: string
  title: string
  text: string
  unit: string | null
  case: string | null
  asked_at: Time | null
  answered_at: Time | null
}

export interface ScreenView {
  id: string
  name: string
  created_at: Time
}

export interface ScreenCode {
  code: string
  name: string
  expires_at: Time
}

export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  code?: string
  possible?: string[]
}
