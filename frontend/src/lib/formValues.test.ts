import { describe, expect, it } from 'vitest'

import type { Field } from '@/api/types'

import { fieldOf, sentValues, startValues } from './formValues'

const field = (key: string, type = 'text', more: Partial<Field> = {}): Field => ({
  key,
  type,
  label: key,
  ...more,
})

describe('startValues', () => {
  it('takes what was kept, then the default, then nothing', () => {
    const fields = [
      field('a', 'text', { default: 'x' }),
      field('b', 'text', { default: 'y' }),
      field('c'),
    ]
    expect(startValues(fields, { a: 'kept' })).toEqual({ a: 'kept', b: 'y', c: undefined })
  })

  it('starts lists empty and switches off', () => {
    expect(startValues([field('h', 'hosts'), field('s', 'switch')])).toEqual({ h: [], s: false })
  })
})

describe('sentValues', () => {
  it('sends what is shown and filled in: an emptied field is a missing one, false and 0 are values', () => {
    const values = { a: '', b: [], c: undefined, d: false, e: 0, hidden: 'x' }
    const shown = ['a', 'b', 'c', 'd', 'e'].map((key) => field(key))
    expect(sentValues(values, shown)).toEqual({ d: false, e: 0 })
  })
})

describe('fieldOf', () => {
  it.each([
    ['form.hosts', 'hosts'],
    ['form.hosts[2]', 'hosts'],
    ['form.rows[0].name', 'rows'],
    ['chain.long.cases[0].when', ''],
  ])('reads %s as a problem of "%s"', (path, key) => {
    expect(fieldOf(path)).toBe(key)
  })
})
