/**
 * The subset of Markdown that people use in tickets, as a tree: headings, lists, quotes, code, bold,
 * italic, links. Everything else stays plain text; there is no way to produce HTML.
 */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong' | 'em'; inside: Inline[] }
  | { kind: 'link'; href: string; inside: Inline[] }

export type Block =
  | { kind: 'heading'; level: number; inside: Inline[] }
  | { kind: 'paragraph' | 'quote'; lines: Inline[][] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string }

const TOKEN =
  /`([^`\n]+)`|\*\*(?=\S)([^\n]+?)\*\*|\*(?=\S)([^*\n]+?)\*|\[([^\]\n]+)\]\(([^()\s]+)\)|(https?:\/\/[^\s<>()，。；、）]+)/g
const DEEPEST = 4

/** Only http and https URLs: no `javascript:`, no `data:`, nothing relative. */
export function safeHref(address: string): string | null {
  if (!/^https?:\/\//i.test(address)) return null
  try {
    return new URL(address).href
  } catch {
    return null
  }
}

function link(address: string, inside: Inline[], whole: string): Inline {
  const href = safeHref(address)
  return href ? { kind: 'link', href, inside } : { kind: 'text', text: whole }
}

export function parseInline(text: string, depth = 0): Inline[] {
  if (depth > DEEPEST) return [{ kind: 'text', text }]
  const found: Inline[] = []
  let at = 0
  for (const match of text.matchAll(TOKEN)) {
    const [whole, code, strong, em, label, address, bare] = match
    if (match.index > at) found.push({ kind: 'text', text: text.slice(at, match.index) })
    at = match.index + whole.length
    if (code !== undefined) found.push({ kind: 'code', text: code })
    else if (strong) found.push({ kind: 'strong', inside: parseInline(strong, depth + 1) })
    else if (em) found.push({ kind: 'em', inside: parseInline(em, depth + 1) })
    else if (label && address) found.push(link(address, parseInline(label, depth + 1), whole))
    else if (bare) found.push(link(bare, [{ kind: 'text', text: bare }], whole))
  }
  if (at < text.length) found.push({ kind: 'text', text: text.slice(at) })
  return found
}

const HEADING = /^(#{1,6})\s+(.+)$/
const ITEM = /^\s*(?:[-*+]|(\d{1,9})[.)])\s+(.+)$/
const QUOTE = /^>\s?(.*)$/
const FENCE = /^```/
const startsSomething = (line: string) =>
  !line.trim() || [HEADING, ITEM, QUOTE, FENCE].some((rule) => rule.test(line))

/** The lines from `from` on for which `holds` is true, and the index after them. */
function run(lines: string[], from: number, holds: (line: string) => boolean): [string[], number] {
  let end = from
  while (end < lines.length && holds(lines[end] ?? '')) end += 1
  return [lines.slice(from, end), end]
}

export function parseMarkdown(source: string): Block[] {
  const lines = source.replace(/\r\n?/g, '\n').split('\n')
  const blocks: Block[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] ?? ''
    const heading = HEADING.exec(line)
    const item = ITEM.exec(line)
    if (!line.trim()) {
      at += 1
    } else if (FENCE.test(line)) {
      const [inside, end] = run(lines, at + 1, (one) => !FENCE.test(one))
      blocks.push({ kind: 'code', text: inside.join('\n') })
      at = end + 1
    } else if (heading) {
      const [, marks = '#', words = ''] = heading
      blocks.push({ kind: 'heading', level: marks.length, inside: parseInline(words) })
      at += 1
    } else if (item) {
      const ordered = item[1] !== undefined
      const alike = (one: string) => (ITEM.exec(one)?.[1] !== undefined) === ordered
      const [items, end] = run(lines, at, (one) => ITEM.test(one) && alike(one))
      blocks.push({
        kind: 'list',
        ordered,
        items: items.map((one) => parseInline(ITEM.exec(one)?.[2] ?? '')),
      })
      at = end
    } else if (QUOTE.test(line)) {
      const [inside, end] = run(lines, at, (one) => QUOTE.test(one))
      const bare = inside.map((one) => parseInline(QUOTE.exec(one)?.[1] ?? ''))
      blocks.push({ kind: 'quote', lines: bare })
      at = end
    } else {
      const [rest, end] = run(lines, at + 1, (one) => !startsSomething(one))
      blocks.push({ kind: 'paragraph', lines: [line, ...rest].map((one) => parseInline(one)) })
      at = end
    }
  }
  return blocks
}
