import type { HostStatus, JobState, TaskState, TicketState } from '@/api/types'

export type Tone = 'accent' | 'waiting' | 'done' | 'refused' | 'machine' | 'muted'
export type Shape =
  'dot' | 'ring' | 'check' | 'back' | 'cross' | 'clock' | 'gear' | 'alert' | 'pause'

/** A state is shown by shape and text first; the colour is only additional. */
export interface Look {
  tone: Tone
  shape: Shape
}

const TICKET: Record<TicketState, Look> = {
  draft: { tone: 'muted', shape: 'ring' },
  approving: { tone: 'waiting', shape: 'dot' },
  returned: { tone: 'refused', shape: 'back' },
  executing: { tone: 'machine', shape: 'gear' },
  failed: { tone: 'refused', shape: 'alert' },
  completed: { tone: 'done', shape: 'check' },
  vetoed: { tone: 'refused', shape: 'cross' },
  withdrawn: { tone: 'muted', shape: 'cross' },
}

const TASK: Record<TaskState, Look> = {
  pending: { tone: 'waiting', shape: 'dot' },
  approved: { tone: 'done', shape: 'check' },
  confirmed: { tone: 'done', shape: 'check' },
  returned: { tone: 'refused', shape: 'back' },
  vetoed: { tone: 'refused', shape: 'cross' },
  transferred: { tone: 'muted', shape: 'back' },
  cancelled: { tone: 'muted', shape: 'ring' },
}

const JOB: Record<JobState, Look> = {
  waiting: { tone: 'muted', shape: 'ring' },
  running: { tone: 'machine', shape: 'gear' },
  paused: { tone: 'waiting', shape: 'pause' },
  completed: { tone: 'done', shape: 'check' },
  failed: { tone: 'refused', shape: 'alert' },
  cancelled: { tone: 'muted', shape: 'cross' },
}

const DRY_RUN: Record<string, Look> = {
  running: { tone: 'machine', shape: 'gear' },
  done: { tone: 'done', shape: 'check' },
  failed: { tone: 'refused', shape: 'alert' },
}

const UNKNOWN: Look = { tone: 'muted', shape: 'ring' }

export const ticketLook = (state: string): Look => TICKET[state as TicketState] ?? UNKNOWN
export const taskLook = (state: string): Look => TASK[state as TaskState] ?? UNKNOWN
export const dryRunLook = (state: string): Look => DRY_RUN[state] ?? UNKNOWN
export const jobLook = (state: string): Look => JOB[state as JobState] ?? UNKNOWN

export type HostFace =
  | 'waiting'
  | 'running'
  | 'ok'
  | 'changed'
  | 'failed'
  | 'unreachable'
  | 'skipped'
  | 'not_reached'
  | 'rolled_back'
  | 'unknown'

/** Whether a host is finished. */
export const isHostDone = (status: HostStatus): boolean => status === 'ok' || status === 'changed'

/** The appearance of a host's square; for "ok" it depends on whether anything changed. */
export function hostFace(status: HostStatus, changed: boolean): HostFace {
  if (status === 'cancelled') return 'unknown'
  return status === 'ok' && changed ? 'changed' : status
}

const FACE: Record<HostFace, Look> = {
  waiting: { tone: 'muted', shape: 'ring' },
  running: { tone: 'machine', shape: 'gear' },
  ok: { tone: 'done', shape: 'check' },
  changed: { tone: 'done', shape: 'check' },
  failed: { tone: 'refused', shape: 'alert' },
  unreachable: { tone: 'refused', shape: 'cross' },
  skipped: { tone: 'muted', shape: 'cross' },
  not_reached: { tone: 'muted', shape: 'ring' },
  rolled_back: { tone: 'waiting', shape: 'back' },
  unknown: { tone: 'refused', shape: 'alert' },
}
export const faceLook = (face: HostFace): Look => FACE[face]
