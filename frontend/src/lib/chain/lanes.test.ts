import { describe, expect, it } from 'vitest'

import { lanesOf, type Lane } from './lanes'

interface Step {
  node: string
  type: string
  within: { fork: string; branch: number; name: string }[]
}
const step = (node: string, ...within: [string, number][]): Step => ({
  node,
  type: 'approval',
  within: within.map(([fork, branch]) => ({ fork, branch, name: `${fork}${branch}` })),
})
const fork = (node: string, ...within: [string, number][]): Step => ({
  ...step(node, ...within),
  type: 'parallel',
})
const told = (lane: Lane<Step>): unknown[] =>
  lane.map((item) =>
    item.kind === 'step'
      ? item.step.node
      : [item.key, ...item.branches.map((branch) => told(branch.lane))],
  )

describe('lanesOf', () => {
  it('draws branches apart and goes on after them', () => {
    const steps = [step('a'), fork('f'), step('b', ['f', 0]), step('c', ['f', 1]), step('d')]
    expect(told(lanesOf(steps))).toEqual(['a', ['f', ['b'], ['c']], 'd'])
  })

  it('draws a fork in a branch of a fork', () => {
    const inner = [
      fork('g', ['f', 1]),
      step('x', ['f', 1], ['g', 0]),
      step('y', ['f', 1], ['g', 1]),
    ]
    const steps = [fork('f'), step('b', ['f', 0]), ...inner, step('z', ['f', 1])]
    expect(told(lanesOf(steps))).toEqual([['f', ['b'], [['g', ['x'], ['y']], 'z']]])
  })

  it('keeps branches in the order of the template, whichever is told first', () => {
    const lane = lanesOf([step('c', ['f', 1]), step('b', ['f', 0])])
    expect(told(lane)).toEqual([['f', ['b'], ['c']]])
  })
})
