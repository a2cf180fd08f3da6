import { get, post, send } from './client'
import type { components } from './schema'

type Schemas = components['schemas']

export type Line = Schemas['Piece'][]

export type ReportChart = Schemas['ReportChart']

export type ReportCard = Schemas['ReportCard']

/** A report with its content. */
export type Report = Schemas['OfficeReport']

export type ReportWish = Pick<Schemas['ReportBody'], 'kind' | 'lang'> & Partial<Schemas['ReportBody']>

const path = (id: string): string => `/reports/${encodeURIComponent(id)}`

export const reports = {
  list: (jurisdiction: string | null) => get<{ items: ReportCard[] }>('/reports', { jurisdiction, limit: 200 }),
  one: (id: string) => get<Report>(path(id)),
  make: (wish: ReportWish) => post<Report>('/reports', wish),
  remove: (id: string) => send('DELETE', path(id)),
  fileAddress: (id: string, format: 'docx' | 'pdf') => `/api/v1${path(id)}/${format}`,
}
