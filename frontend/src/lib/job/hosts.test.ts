import { describe, expect, it } from 'vitest'

import type { Job } from '@/api/types'

import { batchesOf, squaresOf } from './hosts'

const host = (name: string, status: string, batch: number | null, message = '') => ({
  name,
  status,
  changed: status === 'changed',
  message,
  batch,
})
const job = (hosts: object[], ...targets: string[]) =>
  ({ hosts, plan: { targets: targets.map((name) => ({ name })) } }) as unknown as Job

describe('squaresOf', () => {
  it('shows hosts of the plan that no result names yet as waiting', () => {
    const squares = squaresOf(job([host('a', 'changed', 1)], 'a', 'b'))
    expect(squares.map(({ name, face }) => [name, face])).toEqual([
      ['a', 'changed'],
      ['b', 'waiting'],
    ])
  })

  it('says nothing more of a host that was never come to', () => {
    expect(squaresOf(job([host('a', 'not_reached', 1, 'stopped before')], 'a'))[0]).toMatchObject({
      face: 'not_reached',
      message: '',
    })
  })
})

describe('batchesOf', () => {
  it('counts each batch, those outside this run last', () => {
    const hosts = [
      host('z', 'skipped', null),
      host('c', 'running', 2),
      host('d', 'waiting', 2),
      host('a', 'changed', 1),
      host('b', 'failed', 1),
    ]
    const batches = batchesOf(squaresOf(job(hosts, 'a', 'b', 'c', 'd', 'z')))
    expect(batches.map(({ number, done, bad, running }) => [number, done, bad, running])).toEqual([
      [1, 2, 1, 0],
      [2, 0, 0, 1],
      [0, 0, 0, 0], // not reached, so not done
    ])
  })

  it('takes a thousand hosts in no time', () => {
    const hosts = Array.from({ length: 1000 }, (_, n) => host(`h${n}`, 'ok', 1 + (n % 10)))
    const begin = performance.now()
    expect(batchesOf(squaresOf(job(hosts, ...hosts.map(({ name }) => name))))).toHaveLength(10)
    expect(performance.now() - begin).toBeLessThan(100)
  })
})
