import { describe, expect, it } from 'vitest'

import { ago, dueIn, duration, isoWithOffset, monthStep } from './time'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('duration', () => {
  it.each([
    [20_000, '不足 1 分钟'],
    [12 * MINUTE, '12 分钟'],
    [3 * HOUR, '3 小时'],
    [3 * HOUR + 20 * MINUTE, '3 小时 20 分'],
    [26 * HOUR, '1 天 2 小时'],
    [-5, '不足 1 分钟'],
  ])('says %d ms as %s', (ms, words) => {
    expect(duration(ms)).toBe(words)
  })
})

describe('moments', () => {
  const now = Date.parse('2026-11-20T14:02:00+08:00')

  it('tells how long ago', () => {
    expect(ago('2026-11-20T13:50:00+08:00', now)).toBe('12 分钟前')
  })

  it('tells what is left, and what is over', () => {
    expect(dueIn('2026-11-20T17:02:00+08:00', now)).toEqual({ late: false, words: '还剩 3 小时' })
    expect(dueIn('2026-11-20T13:02:00+08:00', now)).toEqual({ late: true, words: '已超时 1 小时' })
  })

  it('writes a local date so that it reads back as the same moment', () => {
    const date = new Date(2026, 10, 20, 22, 5, 9)
    expect(Date.parse(isoWithOffset(date))).toBe(date.getTime())
    expect(isoWithOffset(date)).toMatch(/^2026-11-20T22:05:09[+-]\d\d:\d\d$/)
  })

  it('steps over the turn of the year', () => {
    expect(monthStep('2026-01', -1)).toBe('2025-12')
    expect(monthStep('2026-12', 1)).toBe('2027-01')
  })
})
