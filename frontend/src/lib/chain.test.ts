import { describe, expect, it } from 'vitest'

import type { ChainNode, Task } from '@/api/types'
import { aTask, aTicket } from '@/testing/ticket'

import { buildChain } from './chain'

const node = (
  key: string,
  round: number,
  state: ChainNode['state'],
  opened: string,
): ChainNode => ({
  node: key,
  name: key,
  type: 'approval',
  round,
  state,
  opened_at: `2026-11-20T${opened}:00Z`,
  closed_at: null,
  outcome: '',
  waiting: [],
})
const task = (id: number, key: string, round: number, state: Task['state']): Task =>
  aTask({ id, node: key, round, state })

const told = (steps: { key: string; state: string }[]) =>
  steps.map((step) => [step.key, step.state])

describe('buildChain', () => {
  it('tells what was passed, where it is and what is to come', () => {
    const chain = buildChain(
      aTicket({
        nodes: [node('b', 1, 'open', '11:00'), node('a', 1, 'done', '10:00')],
        tasks: [task(1, 'a', 1, 'approved'), task(2, 'b', 1, 'pending')],
        upcoming: [
          { node: 'c', name: 'c', type: 'confirm', assignees: ['bob'], reason: '', blocked: false },
        ],
      }),
    )
    expect(told(chain.steps)).toEqual([
      ['a/1', 'done'],
      ['b/1', 'open'],
      ['c/ahead', 'ahead'],
    ])
    expect(chain.steps[2]?.people[0]?.name).toBe('周博')
    expect(chain.earlier).toEqual([])
  })

  it('keeps what a return made void apart', () => {
    const chain = buildChain(
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
        upcoming: [
          {
            node: 'b',
            name: 'b',
            type: 'approval',
            assignees: ['bob'],
            reason: '',
            blocked: false,
          },
        ],
      }),
    )
    expect(told(chain.earlier)).toEqual([
      ['a/1', 'done'],
      ['b/1', 'refused'],
    ])
    expect(told(chain.steps)).toEqual([
      ['a/2', 'open'],
      ['b/ahead', 'ahead'],
    ])
  })
})
