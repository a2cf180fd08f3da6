import { shallowRef } from 'vue'
import { t } from '@/i18n'
import { problemText } from '@/model/problems'

export interface Toast {
  text: string
  undo: (() => Promise<void>) | null
  bad: boolean
}

const SHOWN_MS = 15_000

export const toast = shallowRef<Toast | null>(null)

let timer: ReturnType<typeof setTimeout> | undefined

/** Say what was done; with a way back while it can be undone. */
export function say(text: string, undo: Toast['undo'] = null, bad = false): void {
  clearTimeout(timer)
  toast.value = { text, undo, bad }
  timer = setTimeout(dismiss, SHOWN_MS)
}

export function dismiss(): void {
  clearTimeout(timer)
  toast.value = null
}

export async function undoLast(): Promise<void> {
  const last = toast.value
  if (!last?.undo) return
  dismiss()
  try {
    await last.undo()
    say(t('toast.undone', { what: last.text }))
  } catch (error) {
    say(problemText(error), null, true)
  }
}
