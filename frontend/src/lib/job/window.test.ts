import { describe, expect, it } from 'vitest'

import { LogWindow, MOST } from './window'

const X = 'x'.repeat(999)
const LINE = `${X}\n`
const part = (text: string, offset: number, size = offset + text.length, done = false) => ({
  text,
  next_offset: offset + text.length,
  size,
  done,
})
const lines = (log: LogWindow) => log.sections.flatMap(({ lines }) => lines.map(({ text }) => text))
const opened = (at = 0) => {
  const log = new LogWindow(() => ['web-01'])
  log.moveTo(at)
  return log
}

describe('a window on a log', () => {
  it('leaves out the rest of the line in which it begins', () => {
    const log = opened(100)
    log.append(part('alf\nwhole\n', 100), true)
    expect([lines(log), log.from, log.to]).toEqual([['whole'], 104, 110])
  })

  it('shows the last line once the run has ended, though no line break follows', () => {
    const log = opened()
    log.append(part('one\ntwo', 0), false)
    expect(lines(log)).toEqual(['one'])
    log.append(part('', 7, 7, true), false)
    expect(lines(log)).toEqual(['one', 'two'])
  })

  it('drops its beginning where it grows too long, by whole lines', () => {
    const log = opened()
    log.append(part(LINE.repeat(MOST / LINE.length), 0), false)
    log.append(part('end\n', MOST), false)
    expect(log.from).toBeGreaterThan(0)
    expect(log.from % 1000).toBe(0)
    expect([lines(log)[0], lines(log).at(-1)]).toEqual([X, 'end'])
    expect(log.isAtEnd).toBe(true)
  })

  it('lets its end go where it is read back too far', () => {
    const log = opened(MOST)
    log.append(part(LINE.repeat(MOST / LINE.length), MOST), false)
    log.prepend(part('zz\n'.repeat(3), MOST - 9), MOST - 9)
    expect([log.isAtEnd, log.from]).toEqual([false, MOST - 6])
    expect(log.to).toBeLessThan(2 * MOST)
    expect(lines(log)[0]).toBe('zz')
  })

  it('counts characters, not their halves', () => {
    const log = opened()
    log.replace({ text: 'a\n🙂\n', next_offset: 4, size: 4, done: true }, 0)
    expect([lines(log), log.to, log.isAtEnd]).toEqual([['a', '🙂'], 4, true])
  })
})
