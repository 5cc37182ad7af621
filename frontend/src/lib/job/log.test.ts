import { describe, expect, it } from 'vitest'

import { LogReader, ofHost, split } from './log'

const LOG = `Attempt 1: release.deploy da89 on web-01, web-02

Batch 1 of 2: web-01

PLAY [Deploy] ******************************************************************

TASK [Switch] ******************************************************************
changed: [web-01]
fatal: [web-02]: FAILED! => {"msg":
  "No space left"}
skipping: [web-03]

PLAY RECAP *********************************************************************
web-01                    : ok=5    changed=3

Ended: partial
`

function read(...pieces: string[]) {
  const reader = new LogReader(['web-01', 'web-02'])
  for (const piece of pieces) reader.feed(piece)
  reader.finish()
  return reader.sections
}

describe('LogReader', () => {
  it('folds at a health check too', () => {
    const log = 'Batch 1 of 2: web-01\nok\nHealth check service.status 0a1b2c3d4e5f: web-01\nok\n'
    expect(read(log).map(({ title, isPart }) => [title, isPart])).toEqual([
      ['Batch 1 of 2: web-01', true],
      ['Health check service.status 0a1b2c3d4e5f: web-01', true],
    ])
  })

  it('folds by attempt, batch, play and task', () => {
    expect(read(LOG).map(({ title, isPart }) => [title, isPart])).toEqual([
      ['Attempt 1: release.deploy da89 on web-01, web-02', true],
      ['Batch 1 of 2: web-01', true],
      ['PLAY [Deploy]', false],
      ['TASK [Switch]', false],
      ['PLAY RECAP', false],
    ])
  })

  it('reads the same wherever the text was cut', () => {
    const whole = read(LOG)
    for (const at of [1, 77, 200, 301, 350])
      expect(read(LOG.slice(0, at), LOG.slice(at))).toEqual(whole)
  })

  it('knows which host a line speaks of, and the lines that belong to it', () => {
    const task = read(LOG)[3]
    expect(task?.isBad).toBe(true)
    expect(task?.lines.map(({ host, tone }) => `${host} ${tone}`)).toEqual([
      'web-01 changed',
      'web-02 bad',
      'web-02 bad',
      'web-02 bad', // web-03 is not a host of this run: a host's output is not trusted
      ' plain',
    ])
    expect(ofHost(read(LOG)[3] as never, 'web-01')?.lines).toHaveLength(1)
    expect(ofHost(read(LOG)[2] as never, 'web-01')).toBeNull()
    expect(ofHost(read(LOG)[4] as never, 'web-01')?.lines).toHaveLength(1)
  })

  it('shows what stands before any heading, and lines of nothing but asterisks as they are', () => {
    const sections = read('hello\n' + '*'.repeat(400) + '\n')
    expect(sections).toHaveLength(1)
    expect(sections[0]?.lines.map(({ text }) => text)).toEqual(['hello', '*'.repeat(400)])
  })

  it('reads a megabyte of hostile lines in good time (A35)', () => {
    const hostile = ('TASK [' + '* '.repeat(140) + '\n' + '[' + 'a'.repeat(4000) + '\n').repeat(230)
    const begin = performance.now()
    read(hostile)
    expect(performance.now() - begin).toBeLessThan(1000)
  })
})

describe('split', () => {
  it('tells hits from what is between, whatever the case', () => {
    expect(split('No space, no luck', 'NO')).toEqual(['', 'No', ' space, ', 'no', ' luck'])
    expect(split('abc', '')).toEqual(['abc'])
    expect(split('abc', 'x')).toEqual(['abc'])
  })
})
