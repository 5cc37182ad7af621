import { computed, ref, toValue, type MaybeRefOrGetter } from 'vue'

import { tasks } from '@/api/tasks'
import type { TaskVerb, Ticket } from '@/api/types'

import { useAct } from './useAct'

/** What is decided on: the task, and the very state of the ticket that was on the screen. */
export interface DecisionTarget {
  task: number
  version: number
  digest?: string | null
}

interface Hooks {
  onDone: (ticket: Ticket, verb: TaskVerb) => void
  /** Someone was quicker, or the ticket moved on: what is on the screen is old. */
  onOutdated?: () => void
}

export function useDecision(target: MaybeRefOrGetter<DecisionTarget | null>, hooks: Hooks) {
  const verb = ref<TaskVerb | null>(null)
  const { pending, error, act } = useAct(
    (key, task: number, action: TaskVerb, comment: string, version: number, digest?: string) =>
      tasks.decide(task, action, { comment, ticket_version: version, digest }, key),
  )

  async function decide(action: TaskVerb, comment: string): Promise<boolean> {
    const on = toValue(target)
    if (!on || pending.value) return false
    verb.value = action
    const ticket = await act(on.task, action, comment.trim(), on.version, on.digest ?? undefined)
    if (ticket) hooks.onDone(ticket, action)
    else if (error.value?.status === 409) hooks.onOutdated?.()
    return ticket !== null
  }

  /** The verb whose answer is being waited for. */
  const running = computed(() => (pending.value ? verb.value : null))
  return { running, pending, error, decide }
}
