import type { Job } from '@/api/types'
import { isHostDone } from '@/lib/format/states'

/** What a person can do with a run, in the order of the buttons. */
export const JOB_VERBS = [
  'resume',
  'rerun',
  'rollback',
  'dry_run',
  'pause',
  'resolve',
  'cancel',
] as const
export type JobVerb = (typeof JOB_VERBS)[number]

/** Nobody would hear words with these. */
export const SILENT: readonly JobVerb[] = ['cancel', 'pause', 'dry_run']

/** It may break what works, or end what others wait for. */
export const HURTS: readonly JobVerb[] = ['cancel', 'rollback']

/** The key of the verb's words: a pause that has not come yet is taken back, nothing stands still for it. */
export const verbWord = (verb: JobVerb, job: Pick<Job, 'state'>): string =>
  verb === 'resume' && job.state === 'running' ? 'takeBack' : verb

/** The key of what is said before it is done: what it does to hosts depends on how far the run is. */
export function verbExplain(verb: JobVerb, job: Pick<Job, 'state'>): string {
  if (verb !== 'cancel' || job.state === 'running') return `${verbWord(verb, job)}Explain`
  return job.state === 'paused' ? 'cancelPausedExplain' : 'cancelEarlyExplain'
}

/** Nobody knows what was done, or something is not as approved: going on is somebody's judgement, in words. */
export const needsWords = (verb: JobVerb, job: Pick<Job, 'outcome'>): boolean =>
  verb === 'resolve' ||
  (['rerun', 'rollback'].includes(verb) && ['unknown', 'refused'].includes(job.outcome))

/** Hosts on which something is left to do. */
export const hostsLeft = (job: Pick<Job, 'hosts'>): string[] =>
  job.hosts.filter(({ status }) => !isHostDone(status)).map(({ name }) => name)

/** What a rollback runs on: hosts that a run may have changed, where nothing has taken that back. */
export const hostsTouched = (job: Pick<Job, 'hosts'>): string[] =>
  job.hosts.filter(({ touched }) => touched).map(({ name }) => name)
