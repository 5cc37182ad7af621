import { describe, expect, it } from 'vitest'

import type { Task } from '@/api/types'
import { aNode, aStep } from '@/testing/chain'
import { aTask, aTicket } from '@/testing/ticket'

import { buildChain, type Step } from './steps'

const node = (key: string, round: number, state: 'open' | 'done' | 'closed', opened: string) =>
  aNode(key, { round, state, opened_at: `2026-11-20T${opened}:00Z` })
const task = (id: number, key: string, round: number, state: Task['state']): Task =>
  aTask({ id, node: key, round, state })

const told = (steps: Step[]) => steps.map((step) => [step.key, step.state])

describe('buildChain', () => {
  it('tells what was passed, where it is and what is to come', () => {
    const steps = buildChain(
      aTicket({
        nodes: [node('b', 1, 'open', '11:00'), node('a', 1, 'done', '10:00')],
        tasks: [task(1, 'a', 1, 'approved'), task(2, 'b', 1, 'pending')],
        upcoming: [aStep('c', { type: 'confirm' })],
      }),
    )
    expect(told(steps)).toEqual([
      ['a/1', 'done'],
      ['b/1', 'open'],
      ['c/ahead', 'ahead'],
    ])
    expect(steps[2]?.people[0]?.name).toBe('周博')
    expect(steps.flatMap((step) => step.before)).toEqual([])
  })

  it('folds what a return made void under the newest visit, and under what lies ahead again', () => {
    const steps = buildChain(
      aTicket({
        nodes: [
          node('a', 1, 'done', '10:00'),
          node('b', 1, 'closed', '11:00'),
          node('a', 2, 'open', '12:00'),
        ],
        tasks: [
          task(1, 'a', 1, 'approved'),
          task(2, 'b', 1, 'returned'),
          task(3, 'a', 2, 'pending'),
        ],
        upcoming: [aStep('b')],
      }),
    )
    expect(told(steps)).toEqual([
      ['a/2', 'open'],
      ['b/ahead', 'ahead'],
    ])
    expect(told(steps[0]?.before ?? [])).toEqual([['a/1', 'done']])
    expect(told(steps[1]?.before ?? [])).toEqual([['b/1', 'refused']])
  })

  it('shows what was decided in an earlier round and counts in this one', () => {
    const again = { ...node('a', 2, 'open', '12:00'), kept: [1] }
    const steps = buildChain(
      aTicket({
        nodes: [node('a', 1, 'closed', '10:00'), again],
        tasks: [
          task(1, 'a', 1, 'approved'),
          task(2, 'a', 1, 'returned'),
          task(3, 'a', 2, 'pending'),
        ],
      }),
    )
    expect(steps[0]?.people.map(({ task: seat }) => seat?.state)).toEqual(['approved', 'pending'])
  })

  it('keeps the order of the chain when a node far back was opened again', () => {
    const steps = buildChain(
      aTicket({
        nodes: [
          node('a', 1, 'done', '10:00'),
          node('b', 1, 'done', '11:00'),
          node('a', 2, 'open', '12:00'),
        ],
        tasks: [task(3, 'a', 2, 'pending')],
      }),
    )
    expect(steps.map((step) => step.node)).toEqual(['a', 'b'])
  })

  it('says when people should be asked and nobody is', () => {
    const nodes = [aNode('a'), aNode('w', { type: 'wait', until: '2026-11-21T10:00:00Z' })]
    const [asking, waiting] = buildChain(aTicket({ nodes, tasks: [task(1, 'a', 1, 'cancelled')] }))
    expect(asking?.blocked).toBe(true)
    expect(waiting?.blocked).toBe(false)
    expect(waiting?.until).toBe('2026-11-21T10:00:00Z')
  })

  it('finds the sub-tickets of a node with how they stand', () => {
    const children = [{ number: 'SUB-1', state: 'approving', title: '开端口', node: 's' }]
    const nodes = [aNode('s', { type: 'subticket', children: ['SUB-1'] })]
    expect(buildChain(aTicket({ nodes, children }))[0]?.children).toEqual(children)
  })
})
