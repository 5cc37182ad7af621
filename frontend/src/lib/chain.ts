import type { ChainNode, JobRef, PathStep, People, Task, Ticket } from '@/api/types'

import { text, type Text } from './text'

export type StepState = 'done' | 'open' | 'ahead' | 'skipped' | 'refused'

export interface StepPerson {
  username: string
  name: string
  reason: Text | null
  task: Task | null
}

export interface Step {
  key: string
  name: Text
  type: string
  state: StepState
  round: number
  at: string | null
  people: StepPerson[]
  job: JobRef | null
}

export const nameOf = (people: People, username: string | null | undefined): string =>
  username ? (people[username]?.name ?? username) : ''

function stepState(node: ChainNode, tasks: Task[], job: JobRef | null): StepState {
  if (node.state === 'open') return job?.state === 'failed' ? 'refused' : 'open'
  if (node.state === 'skipped') return 'skipped'
  if (tasks.some((task) => task.state === 'returned' || task.state === 'vetoed')) return 'refused'
  return node.state === 'closed' && tasks.every((task) => task.state === 'cancelled')
    ? 'skipped'
    : 'done'
}

function reached(node: ChainNode, ticket: Ticket): Step {
  const tasks = ticket.tasks.filter((task) => task.node === node.node && task.round === node.round)
  const job =
    node.type === 'automation'
      ? (ticket.jobs.findLast((one) => one.node === node.node) ?? null)
      : null
  return {
    key: `${node.node}/${node.round}`,
    name: node.name,
    type: node.type,
    state: stepState(node, tasks, job),
    round: node.round,
    at: node.closed_at ?? node.opened_at,
    people: tasks.map((task) => ({
      username: task.assignee,
      name: nameOf(ticket.people, task.assignee),
      reason: task.reason,
      task,
    })),
    job,
  }
}

export function ahead(step: PathStep, people: People): Step {
  return {
    key: `${step.node}/ahead`,
    name: step.name,
    type: step.type,
    state: 'ahead',
    round: 0,
    at: null,
    people: step.assignees.map((username) => ({
      username,
      name: nameOf(people, username),
      reason: step.reason ?? null,
      task: null,
    })),
    job: null,
  }
}

/**
 * The chain of a ticket as it stands: what was passed, where it is, what is to come.
 *
 * `earlier` holds what a return made void: passed nodes that were opened again since, or that lie
 * ahead once more.
 */
export function buildChain(ticket: Ticket): { earlier: Step[]; steps: Step[] } {
  const newest = new Map<string, number>()
  for (const node of ticket.nodes) {
    newest.set(node.node, Math.max(newest.get(node.node) ?? 0, node.round))
  }
  const toCome = new Set(ticket.upcoming.map((step) => step.node))
  const isVoid = (node: ChainNode) =>
    node.round < (newest.get(node.node) ?? 0) || (node.state !== 'open' && toCome.has(node.node))

  const byTime = [...ticket.nodes].sort((a, b) =>
    (a.opened_at ?? '').localeCompare(b.opened_at ?? ''),
  )
  const shown = byTime.filter((node) => node.type !== 'branch')
  return {
    earlier: shown.filter(isVoid).map((node) => reached(node, ticket)),
    steps: [
      ...shown.filter((node) => !isVoid(node)).map((node) => reached(node, ticket)),
      ...ticket.upcoming
        .filter((step) => step.type !== 'branch')
        .map((step) => ahead(step, ticket.people)),
    ],
  }
}

const DECISIONS = ['approve', 'confirm', 'return', 'veto']

/** The task of this ticket that waits for the reader, if there is one. */
export function taskToDecide(ticket: Ticket): Task | undefined {
  return ticket.tasks.find(
    (task) =>
      task.state === 'pending' && task.allowed_actions.some((verb) => DECISIONS.includes(verb)),
  )
}

export function nodeName(ticket: Ticket, node: string): string {
  return text(ticket.nodes.find((one) => one.node === node)?.name ?? node)
}
