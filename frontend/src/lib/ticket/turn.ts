import type { MyTask, TicketRow } from '@/api/types'
import { needsDryRun } from '@/lib/plan/diff'

/** Whether a yes is given on the ticket's own page only, or by somebody else, or not yet for want of a dry run. */
export const needsPage = (task: MyTask): boolean =>
  task.one_by_one || task.signed || needsDryRun(task)

/** Whether a ticket came back to this person, who mends it or takes it back. */
export const isToMend = (
  row: Pick<TicketRow, 'state' | 'applicant'>,
  me: string | undefined,
): boolean => row.state === 'returned' && row.applicant === me
