/** The log of a run for display: sections that fold, lines with their host. Its content is never trusted. */

export type LineTone = 'plain' | 'ok' | 'changed' | 'bad' | 'skip'
export interface LogLine {
  text: string
  /** The host of the line; '' if it is about none. */
  host: string
  tone: LineTone
}
export interface LogSection {
  /** Its index among all sections of this log. */
  key: number
  title: string
  /** An attempt or a batch contains the tasks below it. */
  isPart: boolean
  lines: LogLine[]
  isBad: boolean
}

const PART = /^(?:Attempt \d+|Batch \d+ of \d+|Health check [\w.]+ [\da-f]+): /
const HEAD = /^((?:PLAY RECAP|PLAY|TASK|RUNNING HANDLER)\b.*?) \*{3,}$|^(?:Stage|Step) \d+[:.]/
const ABOUT =
  /^(ok|changed|failed|fatal|skipping|unreachable|included|rescued|ignored): \[([^\]\s]{1,255})\]/
const NAMED = /^\[?([\w.-]{1,255})\]?\s*(?::|\|)\s*/
const TONES: Record<string, LineTone> = {
  ok: 'ok',
  changed: 'changed',
  failed: 'bad',
  fatal: 'bad',
  unreachable: 'bad',
  skipping: 'skip',
}
const LONGEST_HEAD = 300

export class LogReader {
  readonly sections: LogSection[] = []
  private rest = ''
  private keys = 0
  private last: Pick<LogLine, 'host' | 'tone'> = { host: '', tone: 'plain' }
  private readonly hosts: ReadonlySet<string>

  constructor(hosts: Iterable<string>) {
    this.hosts = new Set(hosts)
  }

  /** Adds new text; an incomplete line waits for its end. */
  feed(text: string): void {
    const lines = (this.rest + text).split('\n')
    this.rest = lines.pop() ?? ''
    for (const line of lines) this.take(line)
  }

  /** The log has ended: the incomplete text is its last line. */
  finish(): void {
    if (this.rest) this.take(this.rest)
    this.rest = ''
  }

  private take(text: string): void {
    const head = text.length <= LONGEST_HEAD ? HEAD.exec(text) : null
    const isPart = !head && PART.test(text)
    if (head || isPart) {
      this.last = { host: '', tone: 'plain' }
      this.sections.push(this.section(head?.[1] ?? text, isPart))
      return
    }
    const current = this.sections.at(-1)
    if (!text.trim()) this.last = { host: '', tone: 'plain' }
    if (!text.trim() && !current?.lines.length) return
    const line = this.line(text)
    if (current) current.lines.push(line)
    else this.sections.push({ ...this.section('', false), lines: [line] })
    if (line.tone === 'bad') (this.sections.at(-1) as LogSection).isBad = true
  }

  private section(title: string, isPart: boolean): LogSection {
    return { key: this.keys++, title, isPart, lines: [], isBad: false }
  }

  private line(text: string): LogLine {
    const about = ABOUT.exec(text)
    const host = about?.[2] ?? NAMED.exec(text)?.[1]?.replace(/[:|]$/, '') ?? ''
    if (this.hosts.has(host)) this.last = { host, tone: TONES[about?.[1] ?? ''] ?? 'plain' }
    return { text, ...this.last }
  }
}

/** The section with only the lines of one host; null if it has none. */
export function ofHost(section: LogSection, host: string): LogSection | null {
  if (!host || section.isPart) return section
  const lines = section.lines.filter((line) => line.host === host)
  return lines.length
    ? { ...section, lines, isBad: lines.some(({ tone }) => tone === 'bad') }
    : null
}

/** A text in pieces; every second piece is a hit. */
export function split(text: string, wanted: string): string[] {
  if (!wanted) return [text]
  const [low, what] = [text.toLowerCase(), wanted.toLowerCase()]
  if (low.length !== text.length) return [text] // lower case changed the length, so offsets would be wrong
  const pieces: string[] = []
  let at = 0
  for (let hit = low.indexOf(what); hit >= 0; hit = low.indexOf(what, at)) {
    pieces.push(text.slice(at, hit), text.slice(hit, hit + what.length))
    at = hit + what.length
  }
  return [...pieces, text.slice(at)]
}
