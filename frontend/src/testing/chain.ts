import type { ChainNode, PathStep, Within } from '@/api/types'

/** A visited node as the API returns it, opened at `10:00` plus its index. */
export function aNode(node: string, parts: Partial<ChainNode> = {}): ChainNode {
  return {
    node,
    name: node,
    type: 'approval',
    round: 1,
    state: 'open',
    opened_at: '2026-11-20T10:00:00Z',
    closed_at: null,
    outcome: '',
    waiting: [],
    within: [],
    ...parts,
  }
}

export function aStep(node: string, parts: Partial<PathStep> = {}): PathStep {
  return {
    node,
    name: node,
    type: 'approval',
    assignees: ['bob'],
    reason: '',
    blocked: false,
    choose: false,
    within: [],
    ...parts,
  }
}

export const inBranch = (fork: string, branch: number, name = ''): Within => ({
  fork,
  branch,
  name,
})
