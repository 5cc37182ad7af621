import { computed, ref, toValue, type MaybeRefOrGetter } from 'vue'

import { tasks, type Extras } from '@/api/tasks'
import type { Decision, TaskVerb, Ticket } from '@/api/types'

import { useAct } from '@/composables/request/useAct'

/** What is decided on: the task, and the state of the ticket that was on the screen. */
export interface DecisionTarget {
  task: number
  version: number
  digest?: string | null
}

interface Hooks {
  onDone: (ticket: Ticket, verb: TaskVerb, extras: Extras) => void
  /** Somebody else decided first, or the ticket changed: the page is outdated. */
  onOutdated?: () => void
}

const DECISIONS = new Set<string>(['approve', 'confirm', 'return', 'veto'])
const isDecision = (verb: TaskVerb): verb is Decision => DECISIONS.has(verb)

function send(key: string, on: DecisionTarget, verb: TaskVerb, comment: string, extras: Extras) {
  if (!isDecision(verb)) return tasks.seat(on.task, verb, { comment, ...extras }, key)
  const seen = { ticket_version: on.version, digest: on.digest ?? undefined }
  return tasks.decide(on.task, verb, { comment, ...seen, ...extras }, key)
}

export function useDecision(target: MaybeRefOrGetter<DecisionTarget | null>, hooks: Hooks) {
  const verb = ref<TaskVerb | null>(null)
  const { pending, error, act } = useAct(send)

  async function decide(action: TaskVerb, comment: string, extras: Extras = {}): Promise<boolean> {
    const on = toValue(target)
    if (!on || pending.value) return false
    verb.value = action
    const ticket = await act(on, action, comment.trim(), extras)
    if (ticket) hooks.onDone(ticket, action, extras)
    else if (error.value?.status === 409) hooks.onOutdated?.()
    return ticket !== null
  }

  /** The verb whose answer is pending. */
  const running = computed(() => (pending.value ? verb.value : null))
  /** The verb that was tried last; the error belongs to its dialog. */
  const tried = computed(() => verb.value)
  return { running, tried, pending, error, decide }
}
