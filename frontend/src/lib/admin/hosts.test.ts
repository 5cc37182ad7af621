import { describe, expect, it } from 'vitest'

import { checkLook, isBeingChecked } from './hosts'

describe('a check of a host', () => {
  it('is waited for until nobody looks after it any more', () => {
    const asked = '2026-11-20T14:00:00+08:00'
    const at = (minutes: number) => Date.parse(asked) + minutes * 60_000
    expect(isBeingChecked({ check_requested_at: asked }, at(1))).toBe(true)
    expect(isBeingChecked({ check_requested_at: asked }, at(11))).toBe(false)
    expect(isBeingChecked({ check_requested_at: null }, at(1))).toBe(false)
  })

  it('that could not be made calls no host down', () => {
    expect(checkLook('unknown')).not.toEqual(checkLook('unreachable'))
    expect(checkLook('unknown')).not.toEqual(checkLook('ok'))
  })
})
