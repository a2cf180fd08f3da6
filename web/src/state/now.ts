import { ref } from 'vue'

/** The server's present in milliseconds, advanced every second: countdowns stay right on a screen whose clock is off. */
export const now = ref(Date.now())

let skew = 0

/** Note the server's time as just received. */
export function setServerTime(at: string): void {
  const server = Date.parse(at)
  if (Number.isFinite(server)) skew = server - Date.now()
  tick()
}

function tick(): void {
  now.value = Date.now() + skew
}

export function startClock(): void {
  setInterval(tick, 1000)
}
