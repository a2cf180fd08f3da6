import type { Ngram, Span } from '@/api/types'

export interface Piece {
  text: string
  /** Weight of the strongest n-gram that covers the piece, 1 for words that were searched for, 0 for plain text. */
  weight: number
}

/**
 * Cut `text` into pieces so that every occurrence of an n-gram is marked; overlapping n-grams melt into one mark.
 * Matching ignores case, as the models do. The pieces joined give exactly `text`: it is shown as text, never as HTML.
 */
export function highlight(text: string, ngrams: readonly Ngram[]): Piece[] {
  const weights = new Float64Array(text.length)
  const folded = text.toLowerCase()
  // A few letters change their length when folded; then positions would shift, so match the text as it is.
  const searched = folded.length === text.length ? folded : text
  for (const { text: gram, weight } of ngrams) mark(searched, gram.toLowerCase().trim(), weight, weights)
  return pieces(text, weights)
}

function mark(text: string, gram: string, weight: number, weights: Float64Array): void {
  if (gram === '' || weight <= 0) return
  for (let at = text.indexOf(gram); at >= 0; at = text.indexOf(gram, at + 1)) {
    for (let i = at; i < at + gram.length; i++) weights[i] = Math.max(weights[i] ?? 0, weight)
  }
}

function pieces(text: string, weights: Float64Array): Piece[] {
  const out: Piece[] = []
  let start = 0
  for (let i = 1; i <= text.length; i++) {
    if (i < text.length && weights[i]! > 0 === weights[i - 1]! > 0) continue
    const strongest = Math.max(...weights.subarray(start, i))
    out.push({ text: text.slice(start, i), weight: strongest })
    start = i
  }
  return out
}

/** Cut `text` at spans that count code points: an emoji is one there and two for `slice`. Joined they give `text`. */
export function cut(text: string, spans: readonly Span[]): Piece[] {
  const letters = Array.from(text)
  const out: Piece[] = []
  let reached = 0
  const add = (end: number, weight: number): void => {
    if (end > reached) out.push({ text: letters.slice(reached, end).join(''), weight })
    reached = Math.max(reached, end)
  }
  for (const [start, end] of spans) {
    add(Math.min(start, letters.length), 0)
    add(Math.min(end, letters.length), 1)
  }
  add(letters.length, 0)
  return out
}
