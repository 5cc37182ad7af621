import type { Task, Ticket, TicketEvent } from '@/api/types'

const moment = (task: Task | null) => Date.parse(task?.decided_at ?? '')

/**
 * The return that is in effect now: the newest decision while the applicant edits the ticket, or while the
 * people it was returned to, who are asked from that moment on, have not decided.
 */
export function lastReturn({ state, tasks }: Ticket): Task | null {
  const decided = tasks.filter(({ decided_by: by }) => by)
  const last = decided.reduce<Task | null>(
    (found, task) => (found && moment(found) > moment(task) ? found : task),
    null,
  )
  if (last?.state !== 'returned') return null
  if (state === 'returned') return last
  const isAsked = tasks.some(
    (task) => task.state === 'pending' && Date.parse(task.created_at) === moment(last),
  )
  return state === 'approving' && isAsked ? last : null
}

/** Whether the resubmitted ticket goes straight back to the step that returned it. */
export function comesBack({ state }: Ticket, trail: TicketEvent[]): boolean {
  const last = trail.findLast(({ kind }) => kind === 'task.returned')
  return state === 'returned' && last?.data.to === 'applicant' && last.data.resume === 'here'
}
