import { ref } from 'vue'

export type Theme = 'light' | 'dark'

const KEPT = 'huiying.theme'
const KEPT_TEXT = 'huiying.text'
const system = window.matchMedia('(prefers-color-scheme: dark)')

/** What the address asks for (`?wall=1&theme=dark`): a screen on a wall has nobody to choose. */
export function asked(name: string): string | null {
  return new URLSearchParams(location.search).get(name)
}

const isTheme = (value: string | null): value is Theme => value === 'light' || value === 'dark'

function chosen(): Theme | null {
  const said = asked('theme')
  if (isTheme(said)) return said
  const kept = localStorage.getItem(KEPT)
  return isTheme(kept) ? kept : null
}

export const theme = ref<Theme>(chosen() ?? (system.matches ? 'dark' : 'light'))

/** `?wall=1`: a screen on a wall, read from five metres by people who cannot scroll it. */
export const wall = asked('wall') === '1'

/** Everything a quarter larger, for eyes that need it. */
export const largeText = ref((asked('text') ?? localStorage.getItem(KEPT_TEXT)) === 'large')

function apply(): void {
  const root = document.documentElement
  root.dataset['theme'] = theme.value
  root.classList.toggle('wall', wall)
  root.classList.toggle('large-text', largeText.value)
}

export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  localStorage.setItem(KEPT, theme.value)
  apply()
}

export function toggleLargeText(): void {
  largeText.value = !largeText.value
  localStorage.setItem(KEPT_TEXT, largeText.value ? 'large' : 'usual')
  apply()
}

/** Set the theme now, and follow the system until the reader has chosen. */
export function startTheme(): void {
  system.addEventListener('change', (event) => {
    if (chosen() === null) theme.value = event.matches ? 'dark' : 'light'
    apply()
  })
  apply()
}
