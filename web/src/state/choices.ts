import { computed, shallowRef, watch, type Ref } from 'vue'
import { api } from '@/api/client'
import type { Case } from '@/api/types'
import { t } from '@/i18n'
import { extensionsOf, type Field } from '@/model/moves'
import { openCases } from './board'
import { clockName } from './names'

export interface Choice {
  value: string
  text: string
}

/** What the fields of a move offer that depend on the case: other cases, its clocks, and how long one may be extended. */
export function useChoices(one: Ref<Case>, move: Ref<string | null>, clock: Ref<string>) {
  const joined = shallowRef<Choice[]>([])

  // Cases that were merged are closed: the board does not hold them.
  watch(move, async (now) => {
    if (now !== 'split') return
    const files = await Promise.all(one.value.joined.map((part) => api.case(part.case).catch(() => null)))
    joined.value = one.value.joined.map((part, n) => ({ value: part.case, text: files[n]?.case?.title ?? part.case }))
  })

  const others = computed(() =>
    openCases.value
      .filter((other) => other.id !== one.value.id && other.jurisdiction === one.value.jurisdiction)
      .map((other) => ({ value: other.id, text: other.title })),
  )
  const running = computed(() => one.value.clocks.filter((ticking) => ticking.stopped_at === null))
  const extended = computed(() => running.value.filter((ticking) => ticking.extensions.length > 0))
  const longer = computed(() =>
    extensionsOf(running.value.find((ticking) => ticking.kind === clock.value)?.limit ?? '').map((limit) => ({
      value: limit.text,
      text: t(`moves.by.${limit.unit}`, { n: limit.n }),
    })),
  )

  return computed<Partial<Record<Field, Choice[]>>>(() => ({
    case: move.value === 'split' ? joined.value : others.value,
    clock: (move.value === 'unextend' ? extended : running).value.map((ticking) => ({
      value: ticking.kind,
      text: clockName(ticking),
    })),
    by: longer.value,
  }))
}
