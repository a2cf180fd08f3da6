import type { Label, Labels } from '@/api/types'

export type Kind = 'sentiment' | 'emotion' | 'domain' | 'intent' | 'offensive'

export interface ShownLabel {
  kind: Kind
  label: string
  confidence: number
}

const NOTHING_SAID = new Set(['none', 'clean'])

/** The labels worth a reader's glance: sentiment always, an emotion unless it is flat, the rest when they say something. */
export function shownLabels(labels: Labels): ShownLabel[] {
  const one = (kind: Kind, { label, probs }: Label): ShownLabel => ({ kind, label, confidence: probs[label] ?? 0 })
  const { label, prob } = labels.offensive
  return [
    one('sentiment', labels.sentiment),
    one('emotion', labels.emotion),
    one('domain', labels.domain),
    one('intent', labels.intent),
    { kind: 'offensive' as const, label, confidence: label === 'offensive' ? prob : 1 - prob },
  ].filter((shown) => !NOTHING_SAID.has(shown.label) && !(shown.kind === 'emotion' && shown.label === 'neutral'))
}
