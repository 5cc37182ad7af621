import type { MyTask, PlanDryRun, Ticket } from '@/api/types'

export type LineKind = 'added' | 'removed' | 'place' | 'head' | 'same'
export interface DiffLine {
  kind: LineKind
  text: string
}

/** The lines of a unified diff, each with its kind; the lines of a plain sentence are unchanged lines. */
export function diffLines(diff: string): DiffLine[] {
  return diff
    .replace(/\n$/, '')
    .split('\n')
    .map((text, at) => ({ kind: kindOf(text, at), text }))
}

function kindOf(text: string, at: number): LineKind {
  if (at < 2 && /^(---|\+\+\+) /.test(text)) return 'head'
  if (text.startsWith('@@')) return 'place'
  if (text.startsWith('+')) return 'added'
  return text.startsWith('-') ? 'removed' : 'same'
}

/** Whether its result is still awaited. */
export const isUnderWay = (run: Pick<PlanDryRun, 'state'> | null | undefined): boolean =>
  run?.state === 'waiting' || run?.state === 'running'

interface Foreseeable {
  dry_run: Pick<PlanDryRun, 'mode' | 'state'> | null
}

/** The plans whose dry run must be seen before an approval, and is missing or failed. */
export const unseen = <T extends Foreseeable>(plans: T[]): T[] =>
  plans.filter(
    ({ dry_run: run }) => run?.mode === 'required' && !['done', 'later'].includes(run.state),
  )

/** Why a dry run prevents the approval of this task: `pending` or `failed`. */
export function heldBack(
  ticket: Pick<Ticket, 'plans'>,
  verbs: string[],
): 'pending' | 'failed' | '' {
  if (verbs.includes('approve') || !verbs.includes('veto')) return ''
  const waiting = unseen<Foreseeable>(ticket.plans)
  if (!waiting.length) return ''
  return waiting.some(({ dry_run: run }) => run?.state === 'failed') ? 'failed' : 'pending'
}

/** Whether an approval of this task from a list would be refused because of a dry run. */
export const needsDryRun = (task: MyTask): boolean => unseen(task.plans).length > 0
