/** Names and values as people type them, one `name = value` per line. Values that look like JSON are JSON. */

type Pairs = Record<string, unknown>

function read(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

const isPlain = (value: string): boolean => value === value.trim() && !value.includes('\n')

/** A text that would be parsed as something else is written in quotes. */
function write(value: unknown): string {
  return typeof value === 'string' && isPlain(value) && read(value) === value
    ? value
    : JSON.stringify(value)
}

export function toLines(pairs: Pairs): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${name} = ${write(value)}`)
    .join('\n')
}

/** The pairs, or the number of the first invalid line. */
export function fromLines(text: string): { pairs: Pairs; wrong: number } {
  const pairs: Pairs = Object.create(null) as Pairs
  for (const [index, line] of text.split('\n').entries()) {
    if (!line.trim()) continue
    const at = line.indexOf('=')
    if (at < 1 || !line.slice(0, at).trim()) return { pairs: {}, wrong: index + 1 }
    pairs[line.slice(0, at).trim()] = read(line.slice(at + 1).trim())
  }
  return { pairs: { ...pairs }, wrong: 0 }
}

/** Words separated by commas, spaces or lines. */
export const words = (text: string): string[] => text.split(/[\s,，、;；]+/).filter(Boolean)
