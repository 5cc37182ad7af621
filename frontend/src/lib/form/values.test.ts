import { describe, expect, it } from 'vitest'

import type { Field } from '@/api/types'

import { fieldOf, sentValues, startValues } from './values'

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

  it('takes no expression for a value: the server evaluates it', () => {
    const computed = { default: { expression: 'applicant.department' } }
    expect(startValues([field('d', 'department', computed)])).toEqual({ d: undefined })
    const days = { start: '2026-11-20', end: '2026-11-21' }
    expect(startValues([field('r', 'daterange', { default: days })])).toEqual({ r: days })
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

describe('sentValues of fields with a default', () => {
  const shown = [
    field('a', 'text', { default: 'x' }),
    field('b', 'text', { default: { expression: 'applicant.name' } }),
  ]

  it('says that one was emptied, or the default would come back', () => {
    expect(sentValues({ a: '', b: '' }, shown)).toEqual({ a: null, b: null })
  })

  it('leaves to the server what nobody touched', () => {
    expect(sentValues({ a: 'x', b: 'Alice' }, shown, new Set(['b']))).toEqual({ a: 'x' })
  })
})

describe('sentValues of a table', () => {
  it('leaves empty cells out of their rows and keeps the rows', () => {
    const items = [{ name: 'disk', note: '', price: 0 }, { name: undefined }]
    expect(sentValues({ items }, [field('items', 'table')])).toEqual({
      items: [{ name: 'disk', price: 0 }, {}],
    })
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
