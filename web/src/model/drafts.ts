import type { Draft, DraftKinds, Evidence, Sentence, SentenceWish } from '@/api/types'
import { code, locale } from '@/i18n'

export interface Piece {
  text: string
  /** Whether the evidence does not hold it. */
  bare: boolean
}

/** A sentence in pieces; words that its evidence does not hold stand apart. Words that are not in it as written are left out. */
export function pieces(text: string, unsupported: readonly string[]): Piece[] {
  const words = [...new Set(unsupported)].filter((word) => word && text.includes(word))
  if (!words.length) return [{ text, bare: false }]
  const escaped = words.sort((a, b) => b.length - a.length).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return text
    .split(new RegExp(`(${escaped.join('|')})`))
    .map((part, place) => ({ text: part, bare: place % 2 === 1 }))
    .filter((piece) => piece.text)
}

/** The evidence that a sentence cites, in its order; one that the draft no longer holds keeps its kind and id. */
export function evidenceFor(sentence: Pick<Sentence, 'cites'>, all: readonly Evidence[]): Evidence[] {
  return sentence.cites.map(
    (cite) =>
      all.find((one) => one.kind === cite.kind && one.id === cite.id) ?? {
        ...cite,
        title: '',
        text: '',
        owner: '',
        source: '',
        valid_until: null,
        reasons: [],
      },
  )
}

/** What stops an approval: words without evidence and forbidden ones, of all sentences. */
export function findings(draft: Pick<Draft, 'sentences'>): string[] {
  return draft.sentences.flatMap((sentence) => [...sentence.unsupported, ...sentence.forbidden])
}

/** Whether this person can still give an approval: the same person counts once. */
export function hasApproved(draft: Pick<Draft, 'approvals'>, name: string | undefined): boolean {
  return draft.approvals.some((one) => one.approved && one.who === name)
}

export function approvalsGiven(draft: Pick<Draft, 'approvals'>): number {
  return draft.approvals.filter((one) => one.approved).length
}

/** The sentences as the API takes them; empty ones are left out. */
export function wishes(sentences: readonly SentenceWish[]): SentenceWish[] {
  return sentences
    .filter((one) => one.text.trim())
    .map(({ part, text, cites }) => ({ part, text, cites: cites.map(({ kind, id }) => ({ kind, id })) }))
}

export const sameSentences = (a: readonly SentenceWish[], b: readonly SentenceWish[]): boolean =>
  JSON.stringify(wishes(a)) === JSON.stringify(wishes(b))

/** A kind's name as the office has it, or its id. */
export function kindName(kinds: DraftKinds | null, id: string): string {
  return kinds?.items.find((one) => one.id === id)?.name[locale.value] ?? code('draft.kind', id)
}
