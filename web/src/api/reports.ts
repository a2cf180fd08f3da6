import { get, post, send } from './client'
import type { Time } from './types'

export interface Piece {
  text: string
  link: string
}

export type Line = Piece[]

export interface Bar {
  label: string
  posts: number
  negative: number
}

export interface ReportChart {
  sentence: string
  bars: Bar[]
  series: [string, string]
}

export interface ReportTable {
  head: string[]
  rows: Line[][]
  numbers: number[]
}

export interface Section {
  name: string
  title: string
  lines: Line[]
  chart: ReportChart | null
  table: ReportTable | null
  machine: boolean
}

export interface ReportCard {
  id: string
  kind: string
  jurisdiction: string
  place: string
  lang: string
  title: string
  since: Time
  until: Time
  made_at: Time
  made_by: string
  case: string | null
}

export interface Report extends ReportCard {
  subtitle: string
  sections: Section[]
  note: string
  ai_label: string
}

export interface ReportWish {
  kind: string
  jurisdiction?: string | null
  since?: string | null
  until?: string | null
  case?: string
  lang: string
}

const path = (id: string): string => `/reports/${encodeURIComponent(id)}`

export const reports = {
  list: (jurisdiction: string | null) => get<{ items: ReportCard[] }>('/reports', { jurisdiction, limit: 200 }),
  one: (id: string) => get<Report>(path(id)),
  make: (wish: ReportWish) => post<Report>('/reports', wish),
  remove: (id: string) => send('DELETE', path(id)),
  fileAddress: (id: string, format: 'docx' | 'pdf') => `/api/v1${path(id)}/${format}`,
}
