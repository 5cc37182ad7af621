import { describe, expect, it } from 'vitest'

import { audienceOf, isForAll, namesIn } from './audience'

describe('audience', () => {
  it('comes back as it went', () => {
    const entries = [{ department: 'dev' }, { role: 'sre' }, { user: 'alice' }, { user: 'bob' }]
    expect(audienceOf(namesIn(entries))).toEqual(entries)
    expect(isForAll(entries)).toBe(false)
    expect(isForAll(['everyone'])).toBe(true)
  })

  it('leaves out what is no entry', () => {
    expect(audienceOf(namesIn([null, 'x', { other: 'y' }, { role: 7 }]))).toEqual([])
  })
})
