export const SCENES = ['now', 'voices', 'duty', 'coverage'] as const
export type Scene = (typeof SCENES)[number]

/** Seconds that a scene stays unless the address says otherwise (`?every=`), and the bounds of what it may say. */
export const EVERY = { usual: 25, least: 5, most: 3_600 }

export const isScene = (value: unknown): value is Scene => SCENES.includes(value as Scene)

/** The scenes that an address asks for (`?scenes=now,duty`), in its order; all when it names none that is known. */
export function scenesOf(given: string | null): readonly Scene[] {
  const asked = [...new Set((given ?? '').split(',').map((one) => one.trim()))].filter(isScene)
  return asked.length ? asked : SCENES
}

/** Seconds a scene stays, within bounds. */
export function everyOf(given: string | null): number {
  const asked = Number(given)
  return asked > 0 ? Math.min(EVERY.most, Math.max(EVERY.least, asked)) : EVERY.usual
}

/** The scene `steps` after `scene`, round and round. */
export function after(scenes: readonly Scene[], scene: Scene, steps: number): Scene {
  const at = Math.max(0, scenes.indexOf(scene))
  return scenes[(((at + steps) % scenes.length) + scenes.length) % scenes.length]!
}
