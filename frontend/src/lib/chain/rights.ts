import type { Task, Ticket } from '@/api/types'

/** People who cannot be added at this task: the applicant, and everybody who takes part in this visit. */
export function seatedBeside(ticket: Ticket, task: Task): string[] {
  const seated = ticket.tasks
    .filter((one) => one.node === task.node && one.round === task.round)
    .filter((one) => one.state !== 'cancelled' && one.state !== 'transferred')
    .map((one) => one.assignee)
  return [...new Set([ticket.applicant, task.assignee, ...seated])]
}

/** The signatures that this task has to wait for. */
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
