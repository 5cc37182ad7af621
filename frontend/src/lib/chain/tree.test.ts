import { describe, expect, it } from 'vitest'

import { aNode, aStep, inBranch } from '@/testing/chain'
import { aTask, aTicket } from '@/testing/ticket'

import { buildChain } from './steps'
import { arrange, type Entry } from './tree'

/** `a {0: b c | 1: d} e` as nested lists. */
const told = (entries: Entry[]): unknown =>
  entries.map((entry) =>
    entry.kind === 'step'
      ? entry.step.node
      : [entry.key, entry.state, ...entry.branches.map((branch) => told(branch.entries))],
  )

const done = { state: 'done', outcome: 'approved' } as const

describe('arrange', () => {
  it('puts what was reached and what lies ahead into the branch it belongs to', () => {
    const ticket = aTicket({
      nodes: [
        aNode('a', done),
        aNode('f', { type: 'parallel', opened_at: '2026-11-20T11:00:00Z' }),
        aNode('b', { ...done, within: [inBranch('f', 0)], opened_at: '2026-11-20T11:00:01Z' }),
        aNode('d', { within: [inBranch('f', 1)], opened_at: '2026-11-20T11:00:02Z' }),
      ],
      tasks: [aTask({ id: 1, node: 'd' })],
      upcoming: [aStep('c', { within: [inBranch('f', 0)] }), aStep('e')],
    })
    expect(told(arrange(buildChain(ticket)))).toEqual(['a', ['f', 'open', ['b', 'c'], ['d']], 'e'])
  })

  it('nests forks, and knows a fork by its branches where it is not listed itself', () => {
    const ticket = aTicket({
      upcoming: [
        aStep('x', { within: [inBranch('f', 0), inBranch('g', 0, '甲')] }),
        aStep('y', { within: [inBranch('f', 0), inBranch('g', 1)] }),
        aStep('z', { within: [inBranch('f', 1)] }),
      ],
    })
    expect(told(arrange(buildChain(ticket)))).toEqual([
      ['f', 'ahead', [['g', 'ahead', ['x'], ['y']]], ['z']],
    ])
  })

  it('is done once nothing in it is left to come', () => {
    const ticket = aTicket({
      nodes: [
        aNode('f', { ...done, type: 'parallel' }),
        aNode('b', { ...done, within: [inBranch('f', 0)] }),
        aNode('d', { state: 'skipped', within: [inBranch('f', 1)] }),
      ],
    })
    expect(told(arrange(buildChain(ticket)))).toEqual([['f', 'done', ['b'], ['d']]])
  })
})
