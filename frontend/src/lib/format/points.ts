/** Lengths as the API counts them: in code points, some of which JavaScript stores as two units. */

const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g

export function points(text: string): number {
  return text.length - (text.match(PAIRS)?.length ?? 0)
}

/** The first `count` code points. */
export function firstPoints(text: string, count: number): string {
  if (points(text) === text.length) return text.slice(0, count)
  return Array.from(text).slice(0, count).join('')
}
