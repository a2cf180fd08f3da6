import { ref } from 'vue'

export type Theme = 'light' | 'dark'

const KEPT = 'huiying.theme'
const system = window.matchMedia('(prefers-color-scheme: dark)')

function kept(): Theme | null {
  const value = localStorage.getItem(KEPT)
  return value === 'light' || value === 'dark' ? value : null
}

export const theme = ref<Theme>(kept() ?? (system.matches ? 'dark' : 'light'))

/** `?wall=1`: a screen on a wall, read from five metres by people who cannot scroll it. */
export const wall = new URLSearchParams(location.search).get('wall') === '1'

function apply(): void {
  document.documentElement.dataset['theme'] = theme.value
  document.documentElement.classList.toggle('wall', wall)
}

export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  localStorage.setItem(KEPT, theme.value)
  apply()
}

/** Set the theme now, and follow the system until the reader has chosen. */
export function startTheme(): void {
  system.addEventListener('change', (event) => {
    if (kept() === null) theme.value = event.matches ? 'dark' : 'light'
    apply()
  })
  apply()
}
