import { describe, expect, it } from 'vitest'

import type { Field } from '@/api/types'

import { factsFor, firstFill, kept, problemWords } from './shells'

const field = (type: string, more: Partial<Field> = {}): Field => ({
  key: 'f',
  type,
  label: 'F',
  ...more,
})

describe('rules for alarms', () => {
  it('offer each type of field what fits it', () => {
    expect(factsFor(field('hosts'))).toEqual(['host'])
    expect(factsFor(field('textarea'))).toContain('command')
    expect(factsFor(field('money'))).toEqual([])
  })

  it('begin with what every ticket needs', () => {
    expect(firstFill(field('textarea', { required: true }))).toEqual({ from: 'all' })
    expect(firstFill(field('hosts', { required: true }))).toEqual({ from: 'host' })
    expect(firstFill(field('select', { required: true }))).toEqual({ value: undefined })
    expect(firstFill(field('text'))).toBeNull()
    expect(firstFill(field('text', { required: true, visible_when: 'form.x' }))).toBeNull()
  })

  it('keep no field that the template does not have', () => {
    expect(kept({ f: { from: 'all' }, g: { from: 'all' }, h: null }, [field('text')])).toEqual({
      f: { from: 'all' },
    })
  })

  it('say what went wrong, also with a code that they do not know', () => {
    expect(problemWords('')).toBe('')
    expect(problemWords('capped')).not.toContain('capped')
    expect(problemWords('invalid', 'form.days: too big')).toContain('form.days: too big')
    expect(problemWords('something_new')).toContain('something_new')
  })
})
