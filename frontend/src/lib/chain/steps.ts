import type {
  ChainNode,
  JobRef,
  PathStep,
  People,
  Relative,
  Task,
  Ticket,
  Within,
} from '@/api/types'
import { nameOf } from '@/lib/format/people'
import { text, type Text } from '@/lib/format/text'

import { seatsOf, waitingPerson, type StepPerson } from './seats'

export { nameOf, type StepPerson }

export type StepState = 'done' | 'open' | 'ahead' | 'skipped' | 'refused'

export interface Step {
  key: string
  node: string
  name: Text
  type: string
  state: StepState
  /** The number of this visit of the node; 0 if it was never visited. */
  round: number
  at: string | null
  people: StepPerson[]
  job: JobRef | null
  within: Within[]
  /** The end of a waiting node's wait. */
  until: string | null
  children: Relative[]
  /** People should be asked here, but nobody is: the ticket is stuck. */
  blocked: boolean
  /** Passed without asking; the trail says why. */
  passed: boolean
  /** Earlier visits that a return voided, oldest first. */
  before: Step[]
}

const ASKS = new Set(['approval', 'confirm'])
const HIDDEN = new Set(['branch', 'join'])
const PASSED = new Set(['passed', 'skipped'])

const BARE = {
  at: null,
  people: [],
  job: null,
  within: [],
  until: null,
  children: [],
  blocked: false,
  passed: false,
  before: [],
}

function stepState(node: ChainNode, tasks: Task[], job: JobRef | null): StepState {
  if (node.state === 'open') {
    return job?.state === 'failed' || node.outcome === 'failed' ? 'refused' : 'open'
  }
  if (node.state === 'skipped' || node.outcome === 'skipped') return 'skipped'
  if (tasks.some((task) => task.state === 'returned' || task.state === 'vetoed')) return 'refused'
  return node.state === 'closed' && tasks.every((task) => task.state === 'cancelled')
    ? 'skipped'
    : 'done'
}

function reached(node: ChainNode, ticket: Ticket): Step {
  const tasks = ticket.tasks.filter(
    (task) =>
      (task.node === node.node && task.round === node.round) || node.kept?.includes(task.id),
  )
  const job =
    node.type === 'automation'
      ? (ticket.jobs.findLast((one) => one.node === node.node) ?? null)
      : null
  const isOpen = node.state === 'open'
  return {
    ...BARE,
    key: `${node.node}/${node.round}`,
    node: node.node,
    name: node.name,
    type: node.type,
    state: stepState(node, tasks, job),
    round: node.round,
    at: node.closed_at ?? node.opened_at,
    people: [
      ...seatsOf(tasks, ticket.people),
      ...(isOpen ? node.waiting : []).map((name) => waitingPerson(name, ticket.people, null)),
    ],
    job,
    within: node.within,
    until: node.until ?? null,
    children: childrenOf(node, ticket),
    blocked: isOpen && ASKS.has(node.type) && !tasks.some((task) => task.state === 'pending'),
    passed: PASSED.has(node.outcome),
  }
}

function childrenOf(node: ChainNode, ticket: Ticket): Relative[] {
  if (!node.children?.length) return []
  const known = new Map(ticket.children.map((child) => [child.number, child]))
  return node.children.map(
    (number) => known.get(number) ?? { number, title: '', state: '', node: node.node },
  )
}

export function ahead(step: PathStep, people: People): Step {
  return {
    ...BARE,
    key: `${step.node}/ahead`,
    node: step.node,
    name: step.name,
    type: step.type,
    state: 'ahead',
    round: 0,
    people: step.assignees.map((username) => ({
      ...waitingPerson(username, people, step.reason ?? null),
      agents: (step.agents ?? [])
        .filter(({ principal }) => principal === username)
        .map(({ agent }) => nameOf(people, agent)),
    })),
    within: step.within,
  }
}

/** The visits of each node, oldest first; nodes in the order of their first visit. */
function visitsByNode(ticket: Ticket): Map<string, Step[]> {
  const byTime = [...ticket.nodes].sort(
    (a, b) => (a.opened_at ?? '').localeCompare(b.opened_at ?? '') || a.round - b.round,
  )
  const visits = new Map<string, Step[]>()
  for (const node of byTime) {
    if (HIDDEN.has(node.type)) continue
    visits.set(node.node, [...(visits.get(node.node) ?? []), reached(node, ticket)])
  }
  return visits
}

const isOpen = (step: Step | undefined) => step?.state === 'open' || step?.blocked

/**
 * The chain of a ticket: passed steps, current steps, steps to come.
 *
 * Each node appears once. Visits that a return voided are folded under the newest one, or under the node if it
 * is still to come again.
 */
export function buildChain(ticket: Ticket): Step[] {
  const visits = visitsByNode(ticket)
  const steps: Step[] = []
  const toCome = ticket.upcoming.filter(
    (step) => !HIDDEN.has(step.type) && !isOpen(visits.get(step.node)?.at(-1)),
  )
  const again = new Set(toCome.map((step) => step.node))
  for (const [node, rounds] of visits) {
    const newest = rounds.at(-1)
    if (newest && !again.has(node)) steps.push({ ...newest, before: rounds.slice(0, -1) })
  }
  for (const step of toCome) {
    steps.push({ ...ahead(step, ticket.people), before: visits.get(step.node) ?? [] })
  }
  return steps
}

/** The task of this ticket that waits for the reader: preferably one that they can approve, and their own first. */
export function taskToDecide(ticket: Ticket): Task | undefined {
  const mine = ticket.tasks.filter(
    (task) => task.state === 'pending' && task.allowed_actions.length > 0,
  )
  return (
    mine.find((task) => !task.signed && !task.acting_for) ??
    mine.find((task) => !task.signed) ??
    mine[0]
  )
}

export function nodeName(ticket: Ticket, node: string): string {
  return text(ticket.nodes.find((one) => one.node === node)?.name ?? node)
}
