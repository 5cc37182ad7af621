import { text, type Text } from '@/lib/format/text'

import type { Step, StepState } from './steps'

export interface Branch {
  index: number
  name: Text
  entries: Entry[]
}
export interface Fork {
  kind: 'fork'
  key: string
  name: Text
  state: StepState
  branches: Branch[]
}
export interface Leaf {
  kind: 'step'
  key: string
  step: Step
}
export type Entry = Fork | Leaf

function forkIn(entries: Entry[], key: string): Fork {
  const found = entries.find((entry): entry is Fork => entry.kind === 'fork' && entry.key === key)
  if (found) return found
  const fork: Fork = { kind: 'fork', key, name: '', state: 'ahead', branches: [] }
  entries.push(fork)
  return fork
}

function branchOf(fork: Fork, index: number, name: Text): Branch {
  const found = fork.branches.find((branch) => branch.index === index)
  if (found) {
    if (!text(found.name)) found.name = name
    return found
  }
  const branch: Branch = { index, name, entries: [] }
  fork.branches.push(branch)
  fork.branches.sort((a, b) => a.index - b.index)
  return branch
}

const stateOf = (entry: Entry): StepState =>
  entry.kind === 'step' ? entry.step.state : entry.state

/** Open while anything in it is open; done once nothing in it is left to come. */
function settleState(fork: Fork): void {
  const states: StepState[] = []
  for (const branch of fork.branches) {
    for (const entry of branch.entries) {
      if (entry.kind === 'fork') settleState(entry)
      states.push(stateOf(entry))
    }
  }
  if (!states.length) return
  if (states.every((state) => state === 'ahead')) fork.state = 'ahead'
  else if (states.some((state) => state === 'open' || state === 'ahead')) fork.state = 'open'
  else fork.state = states.includes('refused') ? 'refused' : 'done'
}

/** The steps of a chain with the branches of every fork side by side, nested forks included. */
export function arrange(steps: Step[]): Entry[] {
  const top: Entry[] = []
  for (const step of steps) {
    let entries = top
    for (const { fork, branch, name } of step.within) {
      entries = branchOf(forkIn(entries, fork), branch, name).entries
    }
    if (step.type === 'parallel') {
      const fork = forkIn(entries, step.node)
      fork.name = step.name
      fork.state = step.state
    } else entries.push({ kind: 'step', key: step.key, step })
  }
  for (const entry of top) if (entry.kind === 'fork') settleState(entry)
  return top
}
