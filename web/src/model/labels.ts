import type { Label, Labels } from '@/api/types'

export type Kind = 'sentiment' | 'emotion' | 'domain' | 'intent' | 'offensive' | 'danger'

export const KINDS: readonly Kind[] = ['sentiment', 'emotion', 'domain', 'intent', 'offensive', 'danger']

/** What may be said of a post: the classes of which the model gave probabilities. */
export function classesOf(labels: Labels, kind: Kind): string[] {
  return kind === 'offensive' ? ['offensive', 'clean'] : Object.keys((labels.told[kind]?.model ?? labels[kind]).probs)
}

export interface ShownLabel {
  kind: Kind
  label: string
  confidence: number
  /** As likely wrong as right: the answer is that there is none. */
  unsure: boolean
  /** A person said so. */
  told: boolean
}

const NOTHING_SAID = new Set(['none', 'clean'])

/** A danger stands among the risks already. */
function isFlat({ kind, label }: ShownLabel): boolean {
  return NOTHING_SAID.has(label) || (kind === 'emotion' && label === 'neutral') || kind === 'danger'
}

/** The labels worth a reader's glance: sentiment always, an emotion unless it is flat, the rest when they say something;
 * and whatever a person has corrected. */
export function shownLabels(labels: Labels): ShownLabel[] {
  const one = (kind: Kind, { label, probs, unsure }: Label): ShownLabel => ({
    kind,
    label,
    confidence: probs[label] ?? 0,
    unsure,
    told: kind in labels.told,
  })
  const { label, prob, unsure } = labels.offensive
  return [
    one('sentiment', labels.sentiment),
    one('emotion', labels.emotion),
    one('domain', labels.domain),
    one('intent', labels.intent),
    {
      kind: 'offensive' as const,
      label,
      confidence: label === 'offensive' ? prob : 1 - prob,
      unsure,
      told: 'offensive' in labels.told,
    },
    one('danger', labels.danger),
  ].filter((shown) => shown.told || !isFlat(shown))
}
