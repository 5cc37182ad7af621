import { describe, expect, it } from 'vitest'

import { aTask } from '@/testing/ticket'

import { seatsOf, type StepPerson } from './seats'

const people = { bob: { name: '周博' }, dave: { name: '邓伟' }, erin: { name: '尹琳' } }
const T1 = '2026-11-20T14:02:00+08:00'
const T2 = '2026-11-20T14:30:00+08:00'
const T3 = '2026-11-20T15:00:00+08:00'

const told = (seats: StepPerson[]): unknown =>
  seats.map((seat) => [seat.username, seat.via, seat.position, told(seat.added)])

describe('seatsOf', () => {
  it('puts a signature under the seat that added it', () => {
    const tasks = [
      aTask({ id: 1, assignee: 'bob' }),
      aTask({ id: 2, assignee: 'dave', added_to: 1, position: 'before' }),
    ]
    expect(told(seatsOf(tasks, people))).toEqual([['bob', [], null, [['dave', [], 'before', []]]]])
  })

  it('tells through whose hands a seat went, and moves its added signatures along', () => {
    const tasks = [
      aTask({ id: 1, assignee: 'bob', state: 'transferred', created_at: T1, decided_at: T2 }),
      aTask({ id: 2, assignee: 'frank', added_to: 1, position: 'with', created_at: T1 }),
      aTask({ id: 3, assignee: 'dave', state: 'transferred', created_at: T2, decided_at: T3 }),
      aTask({ id: 4, assignee: 'erin', created_at: T3 }),
    ]
    expect(told(seatsOf(tasks, people))).toEqual([
      ['erin', ['周博', '邓伟'], null, [['frank', [], 'with', []]]],
    ])
  })

  it('matches seats that were handed on at the same moment in order', () => {
    const gone = { state: 'transferred', created_at: T1, decided_at: T2 } as const
    const tasks = [
      aTask({ id: 1, assignee: 'bob', ...gone }),
      aTask({ id: 2, assignee: 'dave', ...gone }),
      aTask({ id: 3, assignee: 'x', created_at: T2 }),
      aTask({ id: 4, assignee: 'y', created_at: T2 }),
    ]
    expect(told(seatsOf(tasks, people))).toEqual([
      ['x', ['周博'], null, []],
      ['y', ['邓伟'], null, []],
    ])
  })

  it('keeps a seat on the page that was handed to nobody we can see', () => {
    const tasks = [aTask({ id: 1, state: 'transferred', created_at: T1, decided_at: T2 })]
    expect(told(seatsOf(tasks, people))).toEqual([['bob', [], null, []]])
  })
})
