import type { Task, Ticket } from '@/api/types'

/** Who cannot be asked beside this task: the applicant, and everybody who sits at this visit already. */
export function seatedBeside(ticket: Ticket, task: Task): string[] {
  const seated = ticket.tasks
    .filter((one) => one.node === task.node && one.round === task.round)
    .filter((one) => one.state !== 'cancelled' && one.state !== 'transferred')
    .map((one) => one.assignee)
  return [...new Set([ticket.applicant, task.assignee, ...seated])]
}

/**
 * Whose added signature can still be taken back: asked and not given, or to be asked after mine. The
 * list of those to be asked later names people, not whose wish they are: the server has the last word.
 */
export function removableSigners(ticket: Ticket, task: Task): string[] {
  const asked = ticket.tasks
    .filter((one) => one.added_to === task.id && one.state === 'pending')
    .map((one) => one.assignee)
  const visit = ticket.nodes.find((one) => one.node === task.node && one.round === task.round)
  return [...new Set([...asked, ...(visit?.waiting ?? [])])]
}

/** Signatures this task has to wait for. */
export function signersBefore(ticket: Ticket, task: Task): string[] {
  return ticket.tasks
    .filter((one) => one.added_to === task.id && one.position === 'before')
    .filter((one) => one.state === 'pending')
    .map((one) => one.assignee)
}

/** The nodes where people are asked now, or should be. */
export function openPeopleNodes(ticket: Ticket): string[] {
  return ticket.nodes
    .filter((node) => node.state === 'open' && ['approval', 'confirm'].includes(node.type))
    .map((node) => node.node)
}
