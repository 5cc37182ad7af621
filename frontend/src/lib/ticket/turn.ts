import type { MyTask, TicketRow } from '@/api/types'
import { needsDryRun } from '@/lib/plan/diff'

/** Whether an approval is possible only on the ticket's page, only by somebody else, or not before the dry run. */
export const needsPage = (task: MyTask): boolean =>
  task.one_by_one || task.signed || needsDryRun(task)

/** Whether the ticket was returned to this person, who edits or withdraws it. */
export const isToMend = (
  row: Pick<TicketRow, 'state' | 'applicant'>,
  me: string | undefined,
): boolean => row.state === 'returned' && row.applicant === me
