import type { LogPart } from '@/api/types'
import { firstPoints, points } from '@/lib/format/points'

import { LogReader, type LogSection } from './log'

/** The most characters of a log that a page holds: of a longer log the end, or the part that is being read. */
export const MOST = 600_000
const KEPT = 400_000

/**
 * A window on a log: the characters `from` to `to` of `size`, as sections. It never holds all of a long log.
 *
 * `isAtEnd`: it reaches to the end, and new text is added as it arrives. `done`: the run has ended, and its end is loaded.
 */
export class LogWindow {
  from = 0
  to = 0
  size = 0
  done = false
  isAtEnd = true
  private text = ''
  private reader: LogReader

  constructor(private readonly hosts: () => string[]) {
    this.reader = new LogReader(hosts())
  }

  get sections(): LogSection[] {
    return this.reader.sections
  }

  /** Empties the window and moves it to this offset. */
  moveTo(offset: number): void {
    this.text = ''
    this.from = this.to = Math.max(0, offset)
    this.done = false
    this.isAtEnd = true
    this.reader = new LogReader(this.hosts())
  }

  /** Adds the text that follows. `isCut`: the part may begin within a line; its rest is left out. */
  append(part: LogPart, isCut: boolean): void {
    const grew = part.next_offset > this.to
    this.text += part.text
    this.to = part.next_offset
    this.done = part.done
    if (isCut) return this.cutAt(1)
    if (this.text.length > MOST) return this.cutAt(this.text.length - KEPT)
    this.reader.feed(part.text)
    if (part.done && !grew) this.reader.finish()
  }

  /** Adds earlier text in front. If the window becomes too long, its end is dropped and `isAtEnd` becomes false. */
  prepend(part: LogPart, offset: number): void {
    this.text = firstPoints(part.text, this.from - offset) + this.text
    this.from = offset
    if (this.text.length > MOST) {
      this.isAtEnd = this.done = false
      this.text = this.text.slice(0, this.text.lastIndexOf('\n', KEPT) + 1)
      this.to = this.from + points(this.text)
    }
    this.cutAt(offset ? 1 : 0)
  }

  /** Replaces all text with this part. */
  replace(part: LogPart, offset: number): void {
    this.text = part.text
    this.from = offset
    this.to = part.next_offset
    this.size = Math.max(part.size, part.next_offset)
    this.done = this.isAtEnd = part.done
    this.cutAt(0)
  }

  /** Drops the beginning, up to the end of a line, so that no partial line is shown, and parses the rest again. */
  private cutAt(unit: number): void {
    const cut = unit > 0 ? this.text.indexOf('\n', unit - 1) + 1 : 0
    this.from += points(this.text.slice(0, cut))
    this.text = this.text.slice(cut)
    this.reader = new LogReader(this.hosts())
    this.reader.feed(this.text)
    if (this.done) this.reader.finish()
  }
}
