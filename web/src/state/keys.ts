import { onMounted, onUnmounted, ref, shallowRef } from 'vue'
import type { Key } from '@/i18n'

/** One key or a sequence (`g i`); `key` is what `KeyboardEvent.key` says. */
export interface Binding {
  keys: string
  label: Key
  run(): void
  /** For keys that do the same as the one before them (arrows beside letters): not shown in the help. */
  hidden?: boolean
}

interface Group {
  title: Key
  bindings: readonly Binding[]
}

const KEPT = 'huiying.keys'
const SEQUENCE_MS = 1_200

/** Readers who dictate or press keys by accident can turn single keys off (WCAG 2.1.4). */
export const keysOn = ref(localStorage.getItem(KEPT) !== 'off')
export const groups = shallowRef<readonly Group[]>([])

export function chooseKeys(on: boolean): void {
  keysOn.value = on
  localStorage.setItem(KEPT, on ? 'on' : 'off')
}

let begun = ''
let begunAt = 0

const TYPING =
  'input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable=true]'

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPING) !== null
}

function find(keys: string): Binding | undefined {
  // The page that came last knows best what a key means on it.
  for (const group of [...groups.value].reverse()) {
    const found = group.bindings.find((binding) => binding.keys === keys)
    if (found) return found
  }
  return undefined
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return
  if (event.key !== 'Escape' && (!keysOn.value || isTyping(event.target))) return
  if (document.querySelector('dialog[open]')) return
  const sequence = begun && Date.now() - begunAt < SEQUENCE_MS ? `${begun} ${event.key}` : event.key
  const found = find(sequence)
  begun = ''
  if (found) {
    event.preventDefault()
    found.run()
  } else if (groups.value.some((group) => group.bindings.some((one) => one.keys.startsWith(`${event.key} `)))) {
    begun = event.key
    begunAt = Date.now()
  }
}

/** Keys that work while the component that calls this is on the page. */
export function useKeys(title: Key, bindings: readonly Binding[]): void {
  const group = { title, bindings }
  onMounted(() => {
    if (!groups.value.length) document.addEventListener('keydown', onKey)
    groups.value = [...groups.value, group]
  })
  onUnmounted(() => {
    groups.value = groups.value.filter((one) => one !== group)
    if (!groups.value.length) document.removeEventListener('keydown', onKey)
  })
}
