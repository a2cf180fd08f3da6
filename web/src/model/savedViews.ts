import type { InboxQuery } from './inbox'

export interface SavedView {
  name: string
  query: InboxQuery
}

const key = (who: string): string => `huiying.views.${who}`

/** The views that somebody keeps on this screen. */
export function savedViews(who: string): SavedView[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key(who)) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isView) : []
  } catch {
    return []
  }
}

function isView(value: unknown): value is SavedView {
  const view = value as SavedView | null
  return typeof view?.name === 'string' && typeof view.query === 'object' && view.query !== null
}

/** Keep a view; one of the same name gives way. */
export function keepView(who: string, view: SavedView): SavedView[] {
  return write(who, [...savedViews(who).filter((one) => one.name !== view.name), view])
}

export function forgetView(who: string, name: string): SavedView[] {
  return write(
    who,
    savedViews(who).filter((one) => one.name !== name),
  )
}

function write(who: string, views: SavedView[]): SavedView[] {
  localStorage.setItem(key(who), JSON.stringify(views))
  return views
}
