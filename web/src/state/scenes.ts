import { ref } from 'vue'
import { after, everyOf, scenesOf, type Scene } from '@/model/scenes'
import { asked, wall } from './theme'

export const scenes = scenesOf(asked('scenes'))
export const everySeconds = everyOf(asked('every'))
export const scene = ref<Scene>(scenes[0]!)
export const paused = ref(false)

let timer: ReturnType<typeof setInterval> | undefined

export function choose(one: Scene): void {
  scene.value = one
  startScenes()
}

export function step(steps: number): void {
  choose(after(scenes, scene.value, steps))
}

export function togglePause(): void {
  paused.value = !paused.value
  startScenes()
}

/** Go from scene to scene on a wall screen, the present one for its whole time. */
export function startScenes(): void {
  stopScenes()
  if (!wall || paused.value || scenes.length < 2) return
  timer = setInterval(() => (scene.value = after(scenes, scene.value, 1)), everySeconds * 1_000)
}

export function stopScenes(): void {
  clearInterval(timer)
  timer = undefined
}
