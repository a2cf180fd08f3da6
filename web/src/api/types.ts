import type { components } from './schema'

type Schemas = components['schemas']

/** What the API says, as `schema.ts` has it from our OpenAPI document (`python web/build.py --check` makes it). Times are UTC. */

export type Time = string
export type Facts = Record<string, string | number>

export type Label = Schemas['Label']

export type Place = Schemas['Place']

export type RiskHit = Schemas['RiskHit']

export type Risk = Schemas['Risk']

export type Ngram = Schemas['Ngram']

export type Told = Schemas['Told']

export type Correction = Schemas['Correction']

export type Taught = Schemas['Taught']

export type Labels = Schemas['Labels']

/** A post as screens have it: with its labels. */
export type Post = Schemas['AnalysedPost']

/** Where a piece of a text begins and where it has ended, in Unicode code points: not what `slice` counts. */
export type Span = readonly [number, number]

export type Highlights = Schemas['Highlights']

export type FoundPost = Schemas['FoundPost']

export type Reason = Schemas['Reason']

export type PlaceCount = Schemas['PlaceCount']

export type Term = Schemas['Term']

export type Incident = Schemas['Incident']

export type CaseState = 'emerging' | 'confirmed' | 'handling' | 'answered' | 'evaluated' | 'closed'

export type Pause = Schemas['Pause']

export type Clock = Schemas['Clock']

export type Case = Schemas['Case']

export type CaseEvent = Schemas['CaseEvent']

export type AuditRow = Schemas['AuditRow']

export type Citation = Schemas['Citation']

export type Sentence = Schemas['Sentence']

export type Draft = Schemas['Draft']

export type Evidence = Schemas['Evidence']

/** A draft with the words of its evidence, and what can be done with it now. */
export type DraftView = Schemas['DraftView']

export type DraftKinds = Schemas['KindList']

/** A sentence as a person wants it. */
export type SentenceWish = Pick<Sentence, 'part' | 'text' | 'cites'>

export type Evaluation = Schemas['Report']

export type Effect = Schemas['Effect']

export type ClockKept = Schemas['ClockKept']

export type SimilarIncident = Schemas['SimilarIncident']
export type RegroupBody = Schemas['RegroupBody']
export type Regrouping = Schemas['Regrouping']
export type SaidOfGroupings = Schemas['SaidOfGroupings']

export type Explanation = Schemas['Explanation']

export type Bucket = Schemas['Bucket']

/** Posts of a search over time; columns without posts are left out. */
export type Histogram = Schemas['Histogram']

export type Count = Schemas['Count']

export type BoardFigures = Schemas['BoardFigures']

export type IncidentWithCase = Schemas['RankedIncident']

export type Board = Schemas['Board']

export type UsualHour = Schemas['UsualHour']

export type Totals = Schemas['Totals']

export type KeyTerm = Schemas['KeyTerm']

export type TermSample = Schemas['TermSample']

export type Duty = Schemas['Duty']

export type UnitDuty = Schemas['UnitDuty']

export type Division = Schemas['Division']

export type Boundary = Schemas['Boundary']

export type SourceHeard = Schemas['SourceView']

export type BoardContext = Schemas['BoardContext']

export type CaseChecklist = Schemas['CaseChecklist']

export type CaseStep = Schemas['CaseStep']

export type CaseFile = Schemas['CaseFile']

export interface Page<T> {
  items: T[]
  cursor: string | null
}

export type LevelInfo = Schemas['LevelView']

export type Unit = Schemas['UnitView']

export type Meta = Schemas['Meta']

export type Role = 'viewer' | 'responder' | 'leader' | 'admin'

export type Session = Schemas['SessionView'] & { role: Role }

export type LoggedIn = Schemas['LoggedIn']

export type Publication = Schemas['Publication']

export type ScreenView = Schemas['ScreenView']

export type ScreenCode = Schemas['ScreenCode']

export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  code?: string
  possible?: string[]
  /** What names the thing that was to be taken away. */
  users?: { kind: string; id: string; name: Record<string, string> }[]
}
