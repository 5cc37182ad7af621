import { describe, expect, it } from 'vitest'

import { fromLines, toLines, words } from './pairs'

describe('pairs', () => {
  it('come back as they went, whatever they are', () => {
    const pairs = {
      env: 'prod',
      rack: '12',
      slots: 12,
      on: true,
      list: ['a', 1],
      none: null,
      gap: ' x ',
      eq: 'a=b',
      empty: '',
      lines: 'a\nb',
    }
    expect(fromLines(toLines(pairs))).toEqual({ pairs, wrong: 0 })
  })

  it('name the line that is none', () => {
    expect(fromLines('env = prod\n\nrack').wrong).toBe(3)
    expect(fromLines(' = x').wrong).toBe(1)
  })

  it('keep names that mean something to a program as names', () => {
    const { pairs } = fromLines('__proto__ = 1')
    expect(Object.keys(pairs)).toEqual(['__proto__'])
  })

  it('take words however they are separated', () => {
    expect(words('web， db;db2\n x、y')).toEqual(['web', 'db', 'db2', 'x', 'y'])
  })
})
