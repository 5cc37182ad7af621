import type { Job } from '@/api/types'
import { isHostDone } from '@/lib/format/states'

/** The possible actions on a run, in the order of the buttons. */
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

/** Verbs without a comment, because nobody would read it. */
export const SILENT: readonly JobVerb[] = ['cancel', 'pause', 'dry_run']

/** Verbs that may break something that works, or end something that others wait for. */
export const HURTS: readonly JobVerb[] = ['cancel', 'rollback']

/** The key of the verb's text: cancelling a pause that has not taken effect yet has a text of its own. */
export const verbWord = (verb: JobVerb, job: Pick<Job, 'state'>): string =>
  verb === 'resume' && job.state === 'running' ? 'takeBack' : verb

/** The key of the explanation before confirmation; the effect on hosts depends on the run's progress. */
export function verbExplain(verb: JobVerb, job: Pick<Job, 'state'>): string {
  if (verb !== 'cancel' || job.state === 'running') return `${verbWord(verb, job)}Explain`
  return job.state === 'paused' ? 'cancelPausedExplain' : 'cancelEarlyExplain'
}

/** The outcome is unknown, or something differs from the approval: a person decides to continue, with a reason. */
export const needsWords = (verb: JobVerb, job: Pick<Job, 'outcome'>): boolean =>
  verb === 'resolve' ||
  (['rerun', 'rollback'].includes(verb) && ['unknown', 'refused'].includes(job.outcome))

/** Hosts that are not done. */
export const hostsLeft = (job: Pick<Job, 'hosts'>): string[] =>
  job.hosts.filter(({ status }) => !isHostDone(status)).map(({ name }) => name)

/** The hosts of a rollback: those that a run may have changed and that were not rolled back. */
export const hostsTouched = (job: Pick<Job, 'hosts'>): string[] =>
  job.hosts.filter(({ touched }) => touched).map(({ name }) => name)
