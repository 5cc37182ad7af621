import type { Within } from '@/api/types'
import type { Text } from '@/lib/format/text'

/** A part of a chain: steps one after the other, and forks with parallel branches. */
export type Lane<Step> = (
  | { kind: 'step'; step: Step }
  | { kind: 'fork'; key: string; fork: Step | null; branches: Branch<Step>[] }
)[]

export interface Branch<Step> {
  index: number
  name: Text
  lane: Lane<Step>
}

interface Placed {
  node: string
  type: string
  within?: Within[]
}

function branchOf<Step>(lane: Lane<Step>, { fork, branch, name }: Within): Lane<Step> {
  const last = lane.at(-1)
  let group = last?.kind === 'fork' && last.key === fork ? last : null
  if (!group) lane.push((group = { kind: 'fork', key: fork, fork: null, branches: [] }))
  let found = group.branches.find(({ index }) => index === branch)
  if (!found) {
    group.branches.push((found = { index: branch, name, lane: [] }))
    group.branches.sort((a, b) => a.index - b.index)
  }
  return found.lane
}

/** The server's list of steps, each with its branches, as nested lanes. */
export function lanesOf<Step extends Placed>(steps: readonly Step[]): Lane<Step> {
  const lane: Lane<Step> = []
  for (const step of steps) {
    const home = (step.within ?? []).reduce(branchOf<Step>, lane)
    if (step.type === 'parallel')
      home.push({ kind: 'fork', key: step.node, fork: step, branches: [] })
    else home.push({ kind: 'step', step })
  }
  return lane
}
