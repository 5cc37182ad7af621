import type { Task, Ticket, TicketEvent } from '@/api/types'

const moment = (task: Task | null) => Date.parse(task?.decided_at ?? '')

/**
 * The return that has to be got over now: the newest decision, while the applicant mends the ticket, or
 * while those it was sent back to, who are asked from that very moment, have not answered.
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

/** Whether the applicant's mended ticket comes straight back to the step that returned it. */
export function comesBack({ state }: Ticket, trail: TicketEvent[]): boolean {
  const last = trail.findLast(({ kind }) => kind === 'task.returned')
  return state === 'returned' && last?.data.to === 'applicant' && last.data.resume === 'here'
}
